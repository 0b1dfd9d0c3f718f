{{/* Secrets: of an existing one first, then of what an earlier installation left, then random; never made from names. */}}

{{- define "flotilla.secretKeyName" -}}
{{- default (include "flotilla.fullname" .) .Values.secretKey.existingSecret -}}
{{- end -}}
{{- define "flotilla.secretKeyKey" -}}
{{- ternary .Values.secretKey.existingSecretKey "secret-key" (not (empty .Values.secretKey.existingSecret)) -}}
{{- end -}}

{{- define "flotilla.redisPasswordName" -}}
{{- default (include "flotilla.fullname" .) .Values.redis.existingSecret -}}
{{- end -}}
{{- define "flotilla.redisPasswordKey" -}}
{{- ternary .Values.redis.existingSecretKey "redis-password" (not (empty .Values.redis.existingSecret)) -}}
{{- end -}}

{{/* Keys that the chart's own Secret must have, as a JSON map of key to length. */}}
{{- define "flotilla.ownSecretKeys" -}}
{{- $keys := dict -}}
{{- if not .Values.secretKey.existingSecret }}{{ $_ := set $keys "secret-key" 64 }}{{ end -}}
{{- if and .Values.redis.enabled (not .Values.redis.existingSecret) }}{{ $_ := set $keys "redis-password" 32 }}{{ end -}}
{{- $keys | toJson -}}
{{- end -}}

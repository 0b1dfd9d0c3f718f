{{/* Secrets: the existing Secret of the values, else the Secret of an earlier installation, else random values. */}}

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

{{/* Keys of the Secret that the chart generates, as a JSON map from key to length. */}}
{{- define "flotilla.ownSecretKeys" -}}
{{- $keys := dict -}}
{{- if not .Values.secretKey.existingSecret }}{{ $_ := set $keys "secret-key" 64 }}{{ end -}}
{{- if and .Values.redis.enabled (not .Values.redis.existingSecret) }}{{ $_ := set $keys "redis-password" 32 }}{{ end -}}
{{- $keys | toJson -}}
{{- end -}}

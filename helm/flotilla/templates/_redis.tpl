{{/* Choice, URL and ports of Redis. */}}

{{- define "flotilla.externalRedis" -}}
{{- if or .Values.externalRedis.url .Values.externalRedis.host .Values.externalRedis.existingSecret -}}
true
{{- end -}}
{{- end -}}

{{/* Environment variables with FLOTILLA_REDIS_URL. The kubelet inserts the password from a Secret. */}}
{{- define "flotilla.redisEnv" -}}
{{- $external := .Values.externalRedis -}}
{{- if .Values.redis.enabled -}}
- name: REDIS_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ include "flotilla.redisPasswordName" . | quote }}
      key: {{ include "flotilla.redisPasswordKey" . | quote }}
- name: FLOTILLA_REDIS_URL
  value: redis://:$(REDIS_PASSWORD)@{{ include "flotilla.fullname" . }}-redis:6379/0
{{- else if not (or $external.url $external.host) -}}
- name: FLOTILLA_REDIS_URL
  valueFrom:
    secretKeyRef:
      name: {{ $external.existingSecret | quote }}
      key: {{ $external.urlKey | quote }}
{{- else -}}
{{- $password := and $external.existingSecret $external.passwordKey -}}
{{- if $password -}}
- name: REDIS_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ $external.existingSecret | quote }}
      key: {{ $external.passwordKey | quote }}
{{ end -}}
- name: FLOTILLA_REDIS_URL
  value: {{ default (include "flotilla.externalRedisURL" (list . $password)) $external.url | quote }}
{{- end }}
- name: FLOTILLA_REDIS_PREFIX
  value: {{ include "flotilla.redisPrefix" . | quote }}
{{- end -}}

{{/* Key prefix that differs between releases that share a Redis: at most 64 characters, with a hash if truncated. */}}
{{- define "flotilla.redisPrefix" -}}
{{- $whole := printf "%s.%s" .Release.Namespace (include "flotilla.fullname" .) -}}
{{- ternary (printf "%s-%s" (trunc 55 $whole) (sha256sum $whole | trunc 8)) $whole (gt (len $whole) 64) -}}
{{- end -}}

{{/* Takes (list $ whether-there-is-a-password). */}}
{{- define "flotilla.externalRedisURL" -}}
{{- $external := (index . 0).Values.externalRedis -}}
{{- $credentials := "" -}}
{{- if index . 1 -}}
{{- $credentials = printf "%s:$(REDIS_PASSWORD)@" $external.username -}}
{{- else if $external.username -}}
{{- $credentials = printf "%s@" $external.username -}}
{{- end -}}
{{- $host := ternary (printf "[%s]" $external.host) $external.host (contains ":" $external.host) -}}
{{- printf "%s://%s%s:%d/%d" (ternary "rediss" "redis" $external.tls.enabled) $credentials $host (int $external.port) (int $external.database) -}}
{{- if and $external.tls.enabled $external.tls.caSecret -}}
?ssl_ca_certs=/etc/flotilla/redis-ca/ca.crt
{{- end -}}
{{- end -}}

{{/* "true" if gateways and ticks mount the certificate of Redis' CA, else empty. */}}
{{- define "flotilla.redisCA" -}}
{{- if and (not .Values.redis.enabled) .Values.externalRedis.tls.caSecret -}}
true
{{- end -}}
{{- end -}}

{{/* Ports of Redis as a JSON list: `egressPorts`, else the ports in the URL (and 6379 behind Sentinels). Hosts begin after the
last `@` before the query, because a password may contain any character except `?`. */}}
{{- define "flotilla.redisPorts" -}}
{{- $external := .Values.externalRedis -}}
{{- $ports := list -}}
{{- if .Values.redis.enabled -}}
{{- $ports = list 6379 -}}
{{- else if $external.egressPorts -}}
{{- $ports = $external.egressPorts -}}
{{- else if $external.url -}}
{{- $hosts := $external.url | splitList "?" | first | splitList "@" | last | splitList "://" | last | splitList "/" | first -}}
{{- $sentinel := hasPrefix "redis+sentinel" $external.url -}}
{{- range splitList "," $hosts -}}
{{- $port := regexFind ":[0-9]+$" . | trimPrefix ":" -}}
{{- $ports = append $ports (default (ternary 26379 6379 $sentinel) $port | int) -}}
{{- end -}}
{{- if $sentinel }}{{ $ports = append $ports 6379 }}{{ end -}}
{{- else -}}
{{- $ports = list (int $external.port) -}}
{{- end -}}
{{- $ports | uniq | toJson -}}
{{- end -}}

{{/* Environment variables with Flotilla's settings (docs/configuration.md), for all roles and for one. */}}

{{/* Settings that the chart derives from other values. `config` must not set them. */}}
{{- define "flotilla.ownSettings" -}}
FLOTILLA_ENV FLOTILLA_SECRET_KEY FLOTILLA_SECRET_KEY_FILE FLOTILLA_DEBUG FLOTILLA_ALLOWED_HOSTS FLOTILLA_ALLOWED_ORIGINS FLOTILLA_BIND FLOTILLA_PRIVATE_BIND FLOTILLA_REDIS_URL FLOTILLA_REDIS_URL_FILE FLOTILLA_REDIS_PREFIX FLOTILLA_TRUSTED_PROXIES FLOTILLA_SOCKETS_PER_ADDRESS FLOTILLA_DRAIN_WAIT_SECONDS FLOTILLA_DRAIN_WINDOW_SECONDS FLOTILLA_GATEWAY_SERVES_PAGE FLOTILLA_HSTS_SECONDS FLOTILLA_HSTS_SUBDOMAINS FLOTILLA_SSL_REDIRECT FLOTILLA_TRUST_FORWARDED_PROTO
{{- end -}}

{{/* Settings that `config` may set. Other names are misspelled and would have no effect. */}}
{{- define "flotilla.otherSettings" -}}
FLOTILLA_ALLOW_MISSING_ORIGIN FLOTILLA_ACCEPTS_PER_SECOND FLOTILLA_ACCEPT_BURST FLOTILLA_RESUME_GRACE_SECONDS FLOTILLA_ARENA_CAPACITY FLOTILLA_MAX_SHIPS FLOTILLA_SOCKETS_PER_PROCESS FLOTILLA_SOCKET_MESSAGES_PER_SECOND FLOTILLA_SOCKET_MESSAGE_BURST FLOTILLA_SOCKET_WRITE_BUFFER_BYTES FLOTILLA_SOCKET_STALL_SECONDS FLOTILLA_HELLO_TIMEOUT_SECONDS FLOTILLA_PING_INTERVAL_SECONDS FLOTILLA_PING_TIMEOUT_SECONDS FLOTILLA_LOG_LEVEL FLOTILLA_LOG_FORMAT FLOTILLA_STATIC_ROOT
{{- end -}}

{{- define "flotilla.commonEnv" -}}
- name: FLOTILLA_ENV
  value: production
- name: FLOTILLA_SECRET_KEY
  valueFrom:
    secretKeyRef:
      name: {{ include "flotilla.secretKeyName" . | quote }}
      key: {{ include "flotilla.secretKeyKey" . | quote }}
- name: FLOTILLA_BIND
  value: {{ printf "%s:8000" .Values.listen | quote }}
- name: FLOTILLA_PRIVATE_BIND
  value: {{ printf "%s:9000" .Values.listen | quote }}
{{- range $name, $value := .Values.config }}
- name: {{ $name }}
  value: {{ include "flotilla.plainNumber" $value | quote }}
{{- end }}
{{- end -}}

{{/* A value as text. Helm reads numbers as floats, so that 1000000 would become 1e+06. */}}
{{- define "flotilla.plainNumber" -}}
{{- if and (kindIs "float64" .) (eq . (floor .)) -}}
{{- printf "%d" (int64 .) -}}
{{- else -}}
{{- toString . -}}
{{- end -}}
{{- end -}}

{{/* Settings of gateways and web for hosts and proxies. */}}
{{- define "flotilla.edgeEnv" -}}
{{- $trusted := .Values.gateway.trustedProxies -}}
- name: FLOTILLA_ALLOWED_HOSTS
  value: {{ include "flotilla.allowedHosts" . | quote }}
- name: FLOTILLA_TRUSTED_PROXIES
  value: {{ join "," $trusted | quote }}
{{- $https := and (include "flotilla.https" .) $trusted }}
- name: FLOTILLA_SSL_REDIRECT
  value: {{ ternary "true" "false" (not (empty $https)) | quote }}
- name: FLOTILLA_HSTS_SECONDS
  value: {{ ternary .Values.site.hstsSeconds 0 (not (empty $https)) | int | quote }}
- name: FLOTILLA_HSTS_SUBDOMAINS
  value: {{ .Values.site.hstsSubdomains | quote }}
{{- end -}}

{{- define "flotilla.gatewayEnv" -}}
- name: FLOTILLA_ALLOWED_ORIGINS
  value: {{ join "," .Values.extraOrigins | quote }}
- name: FLOTILLA_SOCKETS_PER_ADDRESS
  value: {{ ternary .Values.gateway.socketsPerAddress 0 (eq (include "flotilla.addressesSeen" .) "true") | int | quote }}
- name: FLOTILLA_DRAIN_WAIT_SECONDS
  value: {{ include "flotilla.plainNumber" .Values.gateway.drain.waitSeconds | quote }}
- name: FLOTILLA_DRAIN_WINDOW_SECONDS
  value: {{ include "flotilla.plainNumber" .Values.gateway.drain.windowSeconds | quote }}
- name: FLOTILLA_GATEWAY_SERVES_PAGE
  value: {{ eq (include "flotilla.gatewaysServePage" .) "true" | quote }}
{{- end -}}

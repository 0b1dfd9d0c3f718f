{{/* Environment variables with Flotilla's settings (docs/configuration.md), for all roles and for one. Their names are in _settings.tpl. */}}

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

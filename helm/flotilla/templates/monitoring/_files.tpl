{{/* Selects all pods with metrics: not Valkey's and not the test's. */}}
{{- define "flotilla.productSelector" -}}
matchLabels:
  app.kubernetes.io/name: {{ include "flotilla.name" . | quote }}
  app.kubernetes.io/instance: {{ .Release.Name | quote }}
matchExpressions:
  - key: app.kubernetes.io/component
    operator: In
    values: [gateway, tick, web]
{{- end -}}

{{/* Name of the object for a file. Takes (list $ path). */}}
{{- define "flotilla.nameForFile" -}}
{{- printf "%s-%s" (include "flotilla.fullname" (index . 0)) (base (index . 1) | trimSuffix (ext (index . 1)) | lower | replace "_" "-") | trunc 63 | trimSuffix "-" -}}
{{- end -}}

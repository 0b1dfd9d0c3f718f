{{/* The public Service of a component. Takes (list $ component values appProtocol). */}}
{{- define "flotilla.service" -}}
{{- $component := index . 1 -}}
{{- $values := index . 2 -}}
{{- $protocol := index . 3 -}}
{{- with index . 0 -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "flotilla.fullname" . }}-{{ $component }}
  namespace: {{ .Release.Namespace | quote }}
  labels:
    {{- include "flotilla.labels" (list . $component) | nindent 4 }}
  {{- with $values.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  type: {{ $values.type }}
  {{- with $values.externalTrafficPolicy }}
  externalTrafficPolicy: {{ . }}
  {{- end }}
  {{- with $values.loadBalancerClass }}
  loadBalancerClass: {{ . | quote }}
  {{- end }}
  {{- with $values.loadBalancerSourceRanges }}
  loadBalancerSourceRanges:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  selector:
    {{- include "flotilla.selectorLabels" (list . $component) | nindent 4 }}
  ports:
    - name: http
      port: {{ $values.port }}
      targetPort: public
      {{- with $protocol }}
      appProtocol: {{ . | quote }}
      {{- end }}
{{- end }}
{{- end -}}

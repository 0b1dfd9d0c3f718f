{{/* A test pod: `flotilla doctor` connects as a page does. It needs no Secret of the site. It is scheduled to the same nodes
as gateways. Takes (list $ name arguments caSecret). */}}
{{- define "flotilla.test" -}}
{{- $name := index . 1 -}}
{{- $arguments := index . 2 -}}
{{- $ca := index . 3 -}}
{{- with index . 0 -}}
apiVersion: v1
kind: Pod
metadata:
  name: {{ include "flotilla.fullname" . }}-test-{{ $name }}
  namespace: {{ .Release.Namespace | quote }}
  labels:
    {{- include "flotilla.labels" (list . "test") | nindent 4 }}
  annotations:
    helm.sh/hook: test
    # A succeeded pod is deleted, so that an uninstall leaves nothing. A failed pod stays for inspection. Helm shows the log in
    # both cases. With `--logs`, Helm 3 looks for the log after the pod is deleted.
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
    helm.sh/hook-output-log-policy: hook-succeeded,hook-failed
spec:
  restartPolicy: Never
  serviceAccountName: {{ include "flotilla.serviceAccountName" . | quote }}
  {{- include "flotilla.podSecurity" .Values.podSecurityContext | nindent 2 }}
  {{- $nodes := merge (dict "affinity" (pick (default dict .Values.gateway.affinity) "nodeAffinity")) (pick .Values.gateway "nodeSelector" "tolerations") }}
  {{- with include "flotilla.podScheduling" (list $nodes .Values.imagePullSecrets) | trim }}
  {{- . | nindent 2 }}
  {{- end }}
  containers:
    - name: doctor
      image: {{ include "flotilla.image" (list . .Values.image) | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args:
        - doctor
        {{- range $arguments }}
        - {{ . | quote }}
        {{- end }}
      {{- include "flotilla.containerSecurity" . | nindent 6 }}
      resources:
        {{- toYaml .Values.tests.resources | nindent 8 }}
      env:
        - name: FLOTILLA_ENV
          value: local
        {{- if $ca }}
        - name: SSL_CERT_FILE
          value: /etc/flotilla/ca/ca.crt
        {{- end }}
      volumeMounts:
        {{- include "flotilla.volumeMounts" . | nindent 8 }}
        {{- if $ca }}
        - name: ca
          mountPath: /etc/flotilla/ca
          readOnly: true
        {{- end }}
  volumes:
    {{- include "flotilla.volumes" . | nindent 4 }}
    {{- with $ca }}
    - name: ca
      secret:
        secretName: {{ . | quote }}
        items:
          - key: ca.crt
            path: ca.crt
    {{- end }}
{{- end }}
{{- end -}}

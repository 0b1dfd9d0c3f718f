{{/* The tick and its standby. Takes (list $ component replicas strategy). Both have the component `tick`, so that one
NetworkPolicy and one monitor select both; another label distinguishes them. */}}
{{- define "flotilla.tick" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- with $root }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "flotilla.fullname" . }}-{{ $name }}
  namespace: {{ .Release.Namespace | quote }}
  labels:
    {{- include "flotilla.labels" (list . "tick") | nindent 4 }}
    flotilla/tick: {{ $name }}
spec:
  replicas: {{ index $ 2 }}
  revisionHistoryLimit: 5
  strategy:
    {{- toYaml (index $ 3) | nindent 4 }}
  selector:
    matchLabels:
      {{- include "flotilla.selectorLabels" (list . "tick") | nindent 6 }}
      flotilla/tick: {{ $name }}
  template:
    metadata:
      {{- include "flotilla.podMetadata" (list . "tick" (dict "flotilla/tick" $name)) | nindent 6 }}
    spec:
      serviceAccountName: {{ include "flotilla.serviceAccountName" . | quote }}
      {{- include "flotilla.podSecurity" .Values.podSecurityContext | nindent 6 }}
      terminationGracePeriodSeconds: 15 # the last checkpoint takes up to 3 s
      {{- $spread := dict "podAntiAffinity" (dict "preferredDuringSchedulingIgnoredDuringExecution" (list (dict "weight" 100 "podAffinityTerm" (dict "topologyKey" "kubernetes.io/hostname" "labelSelector" (dict "matchLabels" (include "flotilla.selectorLabels" (list . "tick") | fromYaml)))))) }}
      {{- with include "flotilla.podScheduling" (list (merge (dict "affinity" (default $spread .Values.tick.affinity)) .Values.tick) .Values.imagePullSecrets) | trim }}
      {{- . | nindent 6 }}
      {{- end }}
      containers:
        - {{- include "flotilla.container" (list . "tick" .Values.tick) | nindent 10 }}
          ports:
            - name: private
              containerPort: 9000
          env:
            {{- include "flotilla.commonEnv" . | nindent 12 }}
            - name: FLOTILLA_ALLOWED_HOSTS
              value: localhost # required but unused by a tick; the site's hosts would restart it when they change
            {{- include "flotilla.redisEnv" . | nindent 12 }}
          {{- include "flotilla.probes" . | nindent 10 }}
          volumeMounts:
            {{- include "flotilla.volumeMounts" . | nindent 12 }}
            {{- with include "flotilla.redisCAMount" . | trim }}
            {{- . | nindent 12 }}
            {{- end }}
      volumes:
        {{- include "flotilla.volumes" . | nindent 8 }}
        {{- with include "flotilla.redisCAVolume" . | trim }}
        {{- . | nindent 8 }}
        {{- end }}
{{- end }}
{{- end -}}

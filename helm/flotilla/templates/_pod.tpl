{{/* Common parts of all pods: Pod Security `restricted`, a read-only root file system, no API token. */}}

{{/* Takes (list component-values pull-secrets). */}}
{{- define "flotilla.podScheduling" -}}
{{- $values := index . 0 -}}
{{- with index . 1 }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with $values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Takes podSecurityContext-values. */}}
{{- define "flotilla.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  {{- $fixed := dict "runAsNonRoot" true "seccompProfile" (dict "type" "RuntimeDefault") }}
  {{- toYaml (merge $fixed .) | nindent 2 }}
{{- end -}}

{{- define "flotilla.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  capabilities:
    drop: [ALL]
  readOnlyRootFilesystem: true
  runAsNonRoot: true
{{- end -}}

{{/* Labels and annotations of all pods except Valkey's. Selector labels take precedence. Takes (list $ component
further-labels). */}}
{{- define "flotilla.podMetadata" -}}
{{- $root := index . 0 -}}
{{- $annotations := deepCopy $root.Values.podAnnotations -}}
{{- if $root.Values.monitoring.annotations -}}
{{- $annotations = merge $annotations (dict "prometheus.io/scrape" "true" "prometheus.io/port" "9000" "prometheus.io/path" "/metrics") -}}
{{- end -}}
labels:
  {{- toYaml (merge (include "flotilla.selectorLabels" . | fromYaml) (index . 2) $root.Values.podLabels) | nindent 2 }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The container of a role, up to its probes. Takes (list $ role component-values). */}}
{{- define "flotilla.container" -}}
{{- $root := index . 0 -}}
{{- $role := index . 1 -}}
name: {{ $role }}
image: {{ include "flotilla.image" (list $root $root.Values.image) | quote }}
imagePullPolicy: {{ $root.Values.image.pullPolicy }}
args: [{{ $role }}]
{{ include "flotilla.containerSecurity" . }}
resources:
  {{- toYaml (index . 2).resources | nindent 2 }}
{{- end -}}

{{/* Probes on the private port. One late answer on a busy node does not remove a pod from the Service, because proxies would
reload. A pod that is stopped leaves the Service without a probe. */}}
{{- define "flotilla.probes" -}}
{{- $headers := list (dict "name" "Host" "value" "localhost") | toYaml -}}
startupProbe:
  httpGet:
    path: /livez
    port: private
    httpHeaders:
      {{- $headers | nindent 6 }}
  periodSeconds: 1
  timeoutSeconds: 3
  failureThreshold: 120
livenessProbe:
  httpGet:
    path: /livez
    port: private
    httpHeaders:
      {{- $headers | nindent 6 }}
  periodSeconds: 5
  timeoutSeconds: 4
  failureThreshold: 3
readinessProbe:
  httpGet:
    path: /readyz
    port: private
    httpHeaders:
      {{- $headers | nindent 6 }}
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 3
{{- end -}}

{{- define "flotilla.volumeMounts" -}}
- name: tmp
  mountPath: /tmp
{{- end -}}

{{- define "flotilla.volumes" -}}
- name: tmp
  emptyDir:
    sizeLimit: 16Mi
{{- end -}}

{{- define "flotilla.redisCAMount" -}}
{{- if include "flotilla.redisCA" . }}
- name: redis-ca
  mountPath: /etc/flotilla/redis-ca
  readOnly: true
{{- end -}}
{{- end -}}

{{- define "flotilla.redisCAVolume" -}}
{{- if include "flotilla.redisCA" . }}
- name: redis-ca
  secret:
    secretName: {{ .Values.externalRedis.tls.caSecret | quote }}
    items:
      - key: {{ .Values.externalRedis.tls.caSecretKey | quote }}
        path: ca.crt
{{- end -}}
{{- end -}}

{{/* Topology spread constraints of a component. Takes (list $ component component-values). */}}
{{- define "flotilla.spread" -}}
{{- $selector := include "flotilla.selectorLabels" (list (index . 0) (index . 1)) | fromYaml -}}
{{- $each := list "pod-template-hash" -}}{{/* per revision: pods of the old version do not count */}}
{{- $node := dict "matchLabelKeys" $each "maxSkew" 1 "topologyKey" "kubernetes.io/hostname" "whenUnsatisfiable" "ScheduleAnyway" -}}
{{- $zone := dict "matchLabelKeys" $each "maxSkew" 1 "topologyKey" "topology.kubernetes.io/zone" "whenUnsatisfiable" "ScheduleAnyway" -}}
topologySpreadConstraints:
{{- range default (list $node $zone) (index . 2).topologySpreadConstraints }}
  - {{ toYaml (merge (deepCopy .) (dict "labelSelector" (dict "matchLabels" $selector))) | nindent 4 | trim }}
{{- end }}
{{- end -}}

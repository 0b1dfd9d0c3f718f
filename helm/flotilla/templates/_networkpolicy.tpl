{{/* NetworkPolicies: allowed ingress and egress of each component. */}}

{{/* The first part of a component's policy. Takes (list $ component). */}}
{{- define "flotilla.networkPolicyHead" -}}
{{- $root := index . 0 -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "flotilla.fullname" $root }}-{{ index . 1 }}
  namespace: {{ $root.Release.Namespace | quote }}
  labels:
    {{- include "flotilla.labels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "flotilla.selectorLabels" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
{{- end -}}

{{/* The public port: open to all, or to `ingressFrom` and the test pod. */}}
{{- define "flotilla.publicIngress" -}}
- ports:
    - port: public
  {{- with .Values.networkPolicy.ingressFrom }}
  from:
    {{- toYaml . | nindent 4 }}
    - podSelector:
        matchLabels:
          {{- include "flotilla.selectorLabels" (list $ "test") | nindent 10 }}
  {{- end }}
{{- end -}}

{{/* The private port: open to `metricsFrom`. The kubelet needs no rule. */}}
{{- define "flotilla.privateIngress" -}}
{{- with .Values.networkPolicy.metricsFrom }}
- ports:
    - port: private
  from:
    {{- toYaml . | nindent 4 }}
{{- end }}
{{- end -}}

{{/* DNS at any address, because a node's DNS cache has no label. Without ports, the rule would allow all ports. */}}
{{- define "flotilla.dnsEgress" -}}
- ports:
    {{- range default (list 53) .Values.networkPolicy.dnsPorts }}
    - port: {{ int . }}
      protocol: UDP
    - port: {{ int . }}
      protocol: TCP
    {{- end }}
{{- end -}}

{{- define "flotilla.redisEgress" -}}
- ports:
    {{- range include "flotilla.redisPorts" . | fromJsonArray }}
    - port: {{ int . }}
    {{- end }}
  {{- if .Values.redis.enabled }}
  to:
    - podSelector:
        matchLabels:
          {{- include "flotilla.selectorLabels" (list . "redis") | nindent 10 }}
  {{- else if .Values.externalRedis.egressTo }}
  to:
    {{- toYaml .Values.externalRedis.egressTo | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "flotilla.extraEgress" -}}
{{- with .Values.networkPolicy.extraEgress }}
{{- toYaml . }}
{{- end }}
{{- end -}}

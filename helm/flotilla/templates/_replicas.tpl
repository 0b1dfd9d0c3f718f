{{/*
The number of gateways in the manifest: the value, or none with autoscaling. If an earlier manifest had a number and the
next one has none, Kubernetes sets the Deployment to 1. In that case the manifest repeats the live number. The annotation
`flotilla/replicas` records the origin of the number:
  value       it is `gateway.replicas`
  live        it is the live number, because an earlier manifest had one; if that is 0, which a HorizontalPodAutoscaler never
              changes, it is `minReplicas`
  autoscaled  there is none
With server-side apply, the number is omitted as soon as another manager owns it.
Takes $. Returns YAML with `from`, `count` (except for `autoscaled`), and `stopped` if it is autoscaled and no gateway runs.
*/}}
{{- define "flotilla.gatewayReplicas" -}}
{{- if not (include "flotilla.autoscaled" .) }}
from: value
count: {{ int .Values.gateway.replicas }}
{{- else }}
{{- $live := lookup "apps/v1" "Deployment" .Release.Namespace (printf "%s-gateway" (include "flotilla.fullname" .)) }}
{{- $annotations := default dict (($live).metadata).annotations }}
{{- if and $live (ne (get $annotations "flotilla/replicas") "autoscaled") (not (include "flotilla.replicasOwnedByScaler" $live)) }}
from: live
count: {{ int $live.spec.replicas | default (int .Values.gateway.autoscaling.minReplicas) }}
{{- else }}
from: autoscaled
stopped: {{ and .Values.gateway.autoscaling.hpa $live (not (int (($live).spec).replicas)) | empty | not }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "flotilla.autoscaled" -}}
{{- if or .Values.gateway.autoscaling.hpa .Values.gateway.autoscaling.keda.enabled -}}
true
{{- end -}}
{{- end -}}

{{/* "true" if Helm uses server-side apply and another manager set the number last, else empty. Takes a live Deployment. */}}
{{- define "flotilla.replicasOwnedByScaler" -}}
{{- $applied := false -}}
{{- $others := false -}}
{{- range default list .metadata.managedFields -}}
{{- $owned := dig "f:spec" "f:replicas" nil (default dict .fieldsV1) -}}
{{- if eq .manager "helm" -}}
{{- $applied = or $applied (eq .operation "Apply") -}}
{{- else if kindIs "map" $owned -}}
{{- $others = true -}}
{{- end -}}
{{- end -}}
{{- if and $applied $others -}}
true
{{- end -}}
{{- end -}}

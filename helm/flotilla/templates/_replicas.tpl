{{/*
The number of gateways in the manifest: the value, or none where something scales them. On the way there lies a trap: a
Deployment whose earlier manifest had a number, and whose next one has none, falls to 1. So as long as that number may
count, the live one is written again, and the annotation `flotilla/replicas` remembers it:
  value       it is `gateway.replicas`
  live        it was taken from the cluster, because a manifest before had one; from 0, which a HorizontalPodAutoscaler never
              leaves, the fewest
  autoscaled  there is none
With server-side apply the number can be left out as soon as somebody else owns it.
Takes $, gives YAML with `from` and, unless it is autoscaled, `count`; `stopped`, where that one does it and none is running.
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

{{/* "true" where Helm applies on the server's side, and somebody else set the number last. Takes a live Deployment. */}}
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

{{/* Annotations of Ingresses: those of the preset and of cert-manager; the operator's win. Never a snippet. */}}
{{- define "flotilla.ingressAnnotations" -}}
{{- $values := .Values.ingress -}}
{{- $annotations := dict -}}
{{- if eq $values.preset "nginx-org" -}}
{{- $annotations = include "flotilla.presetNginxOrg" . | fromYaml -}}
{{- else if eq $values.preset "ingress-nginx" -}}
{{- $annotations = include "flotilla.presetIngressNginx" . | fromYaml -}}
{{- end -}}
{{- with $values.certManager.clusterIssuer }}{{ $_ := set $annotations "cert-manager.io/cluster-issuer" . }}{{ end -}}
{{- with $values.certManager.issuer }}{{ $_ := set $annotations "cert-manager.io/issuer" . }}{{ end -}}
{{- $annotations = merge (deepCopy $values.annotations) $annotations -}}
{{- if $annotations }}{{ toYaml $annotations }}{{ end -}}
{{- end -}}

{{/* F5 NGINX Ingress Controller: passes an Upgrade only to Services that are named, takes times with units, and cannot serve
a second Ingress of the same host, so that ACME's answer must be edited into ours. */}}
{{- define "flotilla.presetNginxOrg" -}}
nginx.org/websocket-services: {{ include "flotilla.fullname" . }}-gateway
nginx.org/proxy-connect-timeout: 5s
nginx.org/proxy-read-timeout: {{ int .Values.ingress.timeoutSeconds }}s
nginx.org/proxy-send-timeout: {{ int .Values.ingress.timeoutSeconds }}s
nginx.org/proxy-next-upstream: error timeout http_503
nginx.org/proxy-next-upstream-tries: "3"
nginx.org/client-max-body-size: 64k
{{- if or .Values.ingress.certManager.clusterIssuer .Values.ingress.certManager.issuer }}
acme.cert-manager.io/http01-edit-in-place: "true"
{{- end }}
{{- end -}}

{{/* ingress-nginx: passes every Upgrade, takes times in seconds without a unit. */}}
{{- define "flotilla.presetIngressNginx" -}}
nginx.ingress.kubernetes.io/proxy-connect-timeout: "5"
nginx.ingress.kubernetes.io/proxy-read-timeout: {{ int .Values.ingress.timeoutSeconds | quote }}
nginx.ingress.kubernetes.io/proxy-send-timeout: {{ int .Values.ingress.timeoutSeconds | quote }}
nginx.ingress.kubernetes.io/proxy-next-upstream: error timeout http_503
nginx.ingress.kubernetes.io/proxy-next-upstream-tries: "3"
nginx.ingress.kubernetes.io/proxy-body-size: 64k
{{- end -}}

{{/* Takes (list $ host). */}}
{{- define "flotilla.ingressTLSSecret" -}}
{{- $root := index . 0 -}}
{{- if $root.Values.ingress.tls.secretName -}}
{{- $root.Values.ingress.tls.secretName -}}
{{- else if $root.Values.certificate.enabled -}}
{{- include "flotilla.certificateSecret" $root -}}
{{- else -}}
{{- include "flotilla.nameForHost" . }}-tls
{{- end -}}
{{- end -}}

{{/* The Secret that the Certificate fills: the one from which an ingress serves, if that is named. */}}
{{- define "flotilla.certificateSecret" -}}
{{- $served := and .Values.ingress.enabled .Values.ingress.tls.enabled .Values.ingress.tls.secretName -}}
{{- coalesce .Values.certificate.secretName $served (printf "%s-tls" (include "flotilla.fullname" .)) -}}
{{- end -}}

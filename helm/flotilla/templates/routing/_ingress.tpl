{{/* Annotations of Ingresses: the preset's and cert-manager's. `ingress.annotations` takes precedence. No snippets. */}}
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

{{/* F5 NGINX Ingress Controller: it forwards Upgrade requests only to listed Services and needs times with units. It cannot
serve a second Ingress for a host, so cert-manager must edit the ACME path into this one. */}}
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

{{/* ingress-nginx: it forwards every Upgrade request, and needs times in seconds without a unit. */}}
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

{{/* The Secret of the Certificate: `certificate.secretName`, else the Secret that the ingress uses, else a default. */}}
{{- define "flotilla.certificateSecret" -}}
{{- $served := and .Values.ingress.enabled .Values.ingress.tls.enabled .Values.ingress.tls.secretName -}}
{{- coalesce .Values.certificate.secretName $served (printf "%s-tls" (include "flotilla.fullname" .)) -}}
{{- end -}}

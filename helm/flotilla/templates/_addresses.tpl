{{/* Host names under which the site answers, and the scheme that players use. */}}

{{/* Hosts of ingress and route as a JSON list. Takes $. */}}
{{- define "flotilla.publicHosts" -}}
{{- $hosts := list -}}
{{- if .Values.ingress.enabled }}{{ $hosts = concat $hosts .Values.ingress.hosts }}{{ end -}}
{{- if .Values.httpRoute.enabled }}{{ $hosts = concat $hosts .Values.httpRoute.hosts }}{{ end -}}
{{- $hosts | uniq | toJson -}}
{{- end -}}

{{- define "flotilla.allowedHosts" -}}
{{- $hosts := list -}}
{{- range include "flotilla.publicHosts" . | fromJsonArray }}{{ $hosts = append $hosts (trimPrefix "*" .) }}{{ end -}}
{{- $hosts = concat $hosts .Values.extraHosts -}}
{{- range list "web" "gateway" -}}
{{- $service := printf "%s-%s" (include "flotilla.fullname" $) . -}}
{{- $hosts = concat $hosts (list $service (printf "%s.%s" $service $.Release.Namespace) (printf "%s.%s.svc" $service $.Release.Namespace) (printf "%s.%s.svc.%s" $service $.Release.Namespace $.Values.clusterDomain)) -}}
{{- end -}}
{{- concat $hosts (list "localhost" "127.0.0.1" "[::1]") | uniq | join "," -}}
{{- end -}}

{{/* "true" if players use HTTPS, else empty. */}}
{{- define "flotilla.https" -}}
{{- $byIngress := and .Values.ingress.enabled .Values.ingress.tls.enabled -}}
{{- $byRoute := and .Values.httpRoute.enabled .Values.httpRoute.https -}}
{{- if or (eq .Values.site.scheme "https") (and (eq .Values.site.scheme "auto") (or $byIngress $byRoute)) -}}
true
{{- end -}}
{{- end -}}

{{/* "true" if players only reach gateways through a LoadBalancer or NodePort Service, else empty. */}}
{{- define "flotilla.straight" -}}
{{- if not (or .Values.ingress.enabled .Values.httpRoute.enabled (eq .Values.gateway.service.type "ClusterIP")) -}}
true
{{- end -}}
{{- end -}}

{{/* "true" if gateways see client addresses, from a trusted proxy or from the connection itself, else empty. */}}
{{- define "flotilla.addressesSeen" -}}
{{- $kept := and (include "flotilla.straight" .) (eq .Values.gateway.service.externalTrafficPolicy "Local") -}}
{{- if or .Values.gateway.trustedProxies $kept -}}
true
{{- end -}}
{{- end -}}

{{/* "true" if gateways serve the page, else empty. Without ingress and route, one port-forward is then enough to play. */}}
{{- define "flotilla.gatewaysServePage" -}}
{{- $routed := or .Values.ingress.enabled .Values.httpRoute.enabled -}}
{{- if or (eq .Values.gateway.servePage "always") (and (eq .Values.gateway.servePage "auto") (not $routed)) -}}
true
{{- end -}}
{{- end -}}

{{/* Name of an object that exists once per host. A hash is added if another host could give the same name (`a-b.c` and
`a.b.c`, or truncated names). Takes (list $ host). */}}
{{- define "flotilla.nameForHost" -}}
{{- $host := index . 1 -}}
{{- $name := printf "%s-%s" (include "flotilla.fullname" (index . 0)) ($host | replace "*" "any" | replace "." "-") -}}
{{- if or (regexMatch "[-*]" $host) (gt (len $name) 58) -}}
{{- printf "%s-%s" ($name | trunc 51 | trimSuffix "-") (sha256sum $host | trunc 6) -}}
{{- else -}}
{{- $name -}}
{{- end -}}
{{- end -}}

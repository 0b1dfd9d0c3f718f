{{/* Networks: processes refuse a network whose address has host bits set, such as 10.244.0.1/16. */}}

{{/* A network without host bits: 10.244.0.1/16 becomes 10.244.0.0/16. Text without host bits, and IPv4 addresses inside
IPv6 addresses, are returned unchanged. Takes the text of a network or an address. */}}
{{- define "flotilla.network" -}}
{{- $address := splitList "/" . | first -}}
{{- $six := contains ":" . -}}
{{- $width := ternary 16 8 $six -}}{{/* bits per group */}}
{{- $groups := splitList (ternary ":" "." $six) $address -}}
{{- if contains "::" . -}}
{{- $halves := splitList "::" $address -}}
{{- $head := first $halves | splitList ":" | compact -}}
{{- $tail := last $halves | splitList ":" | compact -}}
{{- $groups = $head -}}
{{- range until (sub 8 (len (concat $head $tail)) | max 0 | int) }}{{ $groups = append $groups "0" }}{{ end -}}
{{- $groups = concat $groups $tail -}}
{{- end -}}
{{- $left := splitList "/" . | last | int -}}{{/* remaining bits of the prefix */}}
{{- $network := list -}}
{{- $strays := false -}}
{{- range $groups -}}
{{- $number := ternary (printf "0x%s" .) . $six | int64 -}}
{{- $size := 1 -}}
{{- range until (sub $width $left | min $width | max 0 | int) }}{{ $size = mul $size 2 }}{{ end -}}
{{- $strays = or $strays (ne (mod $number $size) 0) -}}
{{- $network = append $network (printf (ternary "%x" "%d" $six) (sub $number (mod $number $size))) -}}
{{- $left = sub $left $width -}}
{{- end -}}
{{- if and $strays (contains "/" .) (not (and $six (contains "." $address))) -}}
{{- printf "%s/%s" (join (ternary ":" "." $six) $network) (splitList "/" . | last) -}}
{{- else -}}
{{- . -}}
{{- end -}}
{{- end -}}

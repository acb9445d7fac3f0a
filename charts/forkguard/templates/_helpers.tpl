{{- define "forkguard.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{/* The part of a dict {root, part} that an object belongs to: what its pods are selected by. */}}
{{- define "forkguard.selectorLabels" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{- define "forkguard.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "forkguard.partLabels" -}}
{{ include "forkguard.labels" .root }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{- define "forkguard.name" -}}
{{ include "forkguard.fullname" .root }}-{{ .part }}
{{- end }}

{{- define "forkguard.image" -}}
{{- $values := index .root.Values .part -}}
{{- $tag := .root.Values.image.tag | default .root.Chart.AppVersion -}}
{{- if $values.image.repository -}}
{{- printf "%s:%s" $values.image.repository $tag -}}
{{- else if .root.Values.image.registry -}}
{{- printf "%s/forkguard-%s:%s" .root.Values.image.registry .part $tag -}}
{{- else -}}
{{- fail "image.registry is empty: no public registry has the images. Build them with `make image`, push them, and say where: --set image.registry=registry.example.com/forkguard" -}}
{{- end -}}
{{- end }}

{{/* A role of files/rbac under the name of the release; a dict {root, part, role}. */}}
{{- define "forkguard.role" -}}
{{- $role := fromYaml .role -}}
{{- $name := printf "%s%s" (include "forkguard.fullname" .root) (trimPrefix "forkguard" $role.metadata.name) -}}
{{- $subject := dict "kind" "ServiceAccount" "name" (include "forkguard.name" .) "namespace" .root.Release.Namespace -}}
{{- $metadata := dict "name" $name "labels" (include "forkguard.partLabels" . | fromYaml) -}}
{{- if eq $role.kind "Role" }}{{ $_ := set $metadata "namespace" .root.Release.Namespace }}{{ end -}}
apiVersion: {{ $role.apiVersion }}
kind: {{ $role.kind }}
metadata: {{- toYaml $metadata | nindent 2 }}
rules: {{- toYaml $role.rules | nindent 2 }}
---
apiVersion: {{ $role.apiVersion }}
kind: {{ $role.kind }}Binding
metadata: {{- toYaml $metadata | nindent 2 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ $role.kind }}
  name: {{ $name }}
subjects: {{- toYaml (list $subject) | nindent 2 }}
{{- end }}

{{/* Probes of both: a lost API server is readiness, a stuck loop is liveness. */}}
{{- define "forkguard.probes" -}}
livenessProbe:
  httpGet: {path: /healthz, port: http}
  initialDelaySeconds: 10
  periodSeconds: 20
  timeoutSeconds: 5
  failureThreshold: 3
readinessProbe:
  httpGet: {path: /readyz, port: http}
  periodSeconds: 10
  timeoutSeconds: 5
{{- end }}

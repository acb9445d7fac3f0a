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

{{/* The account of a part. */}}
{{- define "forkguard.accountName" -}}
{{- $account := (index .root.Values .part).serviceAccount -}}
{{- if $account.name -}}
{{- $account.name -}}
{{- else if $account.create -}}
{{- include "forkguard.name" . -}}
{{- else -}}
{{- fail (printf "%s.serviceAccount.name is empty: it must name an existing account when %s.serviceAccount.create is false" .part .part) -}}
{{- end -}}
{{- end }}

{{- define "forkguard.image" -}}
{{- $image := (index .root.Values .part).image -}}
{{- $repository := $image.repository -}}
{{- if not $repository -}}
{{- if not .root.Values.image.registry -}}
{{- fail "image.registry is empty: no public registry has the images. Build them with `make image`, push them, and say where: --set image.registry=registry.example.com/forkguard" -}}
{{- end -}}
{{- $repository = printf "%s/forkguard-%s" .root.Values.image.registry .part -}}
{{- end -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository ($image.tag | default .root.Values.image.tag | default .root.Chart.AppVersion) -}}
{{- end -}}
{{- end }}

{{/* A role of files/rbac under the name of the release; a dict {root, part, role}. */}}
{{- define "forkguard.role" -}}
{{- $role := fromYaml .role -}}
{{- $name := printf "%s%s" (include "forkguard.fullname" .root) (trimPrefix "forkguard" $role.metadata.name) -}}
{{- $subject := dict "kind" "ServiceAccount" "name" (include "forkguard.accountName" .) "namespace" .root.Release.Namespace -}}
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

{{/* Probes of a part: a lost API server is readiness, a stuck loop is liveness. */}}
{{- define "forkguard.probes" -}}
{{- $values := index .root.Values .part -}}
livenessProbe: {{- toYaml (mergeOverwrite (include "forkguard.livenessProbe" . | fromYaml) $values.livenessProbe) | nindent 2 }}
readinessProbe: {{- toYaml (mergeOverwrite (include "forkguard.readinessProbe" . | fromYaml) $values.readinessProbe) | nindent 2 }}
{{- end }}

{{- define "forkguard.livenessProbe" -}}
httpGet: {path: /healthz, port: http}
initialDelaySeconds: 10
periodSeconds: 20
timeoutSeconds: 5
failureThreshold: 3
{{- end }}

{{- define "forkguard.readinessProbe" -}}
httpGet: {path: /readyz, port: http}
periodSeconds: 10
timeoutSeconds: 5
{{- end }}

{{/* Arguments of both. */}}
{{- define "forkguard.args" -}}
- --listen={{ .root.Values.metrics.address }}:{{ .root.Values.metrics.port }}
- --log-format={{ .root.Values.logs.format }}
{{- with (index .root.Values .part).extraArgs }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Environment of both: the pod names itself in the resource attributes of metrics and traces. */}}
{{- define "forkguard.env" -}}
- name: NODE_NAME
  valueFrom:
    fieldRef: {fieldPath: spec.nodeName}
- name: POD_NAME
  valueFrom:
    fieldRef: {fieldPath: metadata.name}
- name: POD_NAMESPACE
  valueFrom:
    fieldRef: {fieldPath: metadata.namespace}
{{- with (index .root.Values .part).env }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Fields of an endpoint of a monitor; a dict {part, monitor}. */}}
{{- define "forkguard.endpoint" -}}
- port: http
  interval: {{ .monitor.interval }}
  {{- with .monitor.scrapeTimeout }}
  scrapeTimeout: {{ . }}
  {{- end }}
  {{- if .monitor.honorLabels }}
  honorLabels: true
  {{- end }}
  {{- if or (eq .part "agent") .monitor.relabelings }}
  relabelings:
    {{- if eq .part "agent" }}
    - sourceLabels: [__meta_kubernetes_pod_node_name]
      targetLabel: node
    {{- end }}
    {{- with .monitor.relabelings }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- end }}
  {{- with .monitor.metricRelabelings }}
  metricRelabelings: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{/* Metadata of a monitor; a dict {root, part, monitor}. */}}
{{- define "forkguard.monitorMetadata" -}}
name: {{ include "forkguard.name" . }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "forkguard.partLabels" . | nindent 2 }}
  {{- with .monitor.labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .monitor.annotations }}
annotations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

using System.Text.Json.Nodes;
using ForkGuard.Testing;
using YamlDotNet.RepresentationModel;
using static ForkGuard.Chart.Tests.RenderedChart;

namespace ForkGuard.Chart.Tests;

/// <summary>The objects of the chart by its values.</summary>
public sealed class ChartTests
{
    private const string Digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Fact]
    public async Task The_pages_and_the_chart_name_the_same_versions_of_Kubernetes()
    {
        string[] files = ["Chart.yaml", "README.md", Path.Combine("templates", "NOTES.txt")];
        var texts = await Task.WhenAll(
            files
                .Select(file => Path.Combine(RepositoryPaths.Root, "charts", "forkguard", file))
                .Append(Path.Combine(RepositoryPaths.Root, "README.md"))
                .Select(file => File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))
        );
        Assert.Contains("kubeVersion: \">=1.20.0-0\"", texts[0], StringComparison.Ordinal);
        Assert.Contains("`kubeVersion` of the chart is 1.20", texts[1], StringComparison.Ordinal);
        Assert.All(texts, text => Assert.Contains("1.30", text, StringComparison.Ordinal));
        Assert.Contains("supports Kubernetes from 1.30 on", texts[1], StringComparison.Ordinal);
        Assert.Contains("supported from 1.30 on", texts[3], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Both_families_are_listened_on_by_default()
    {
        var chart = await ReadAsync("minimal");
        Assert.All(
            ["agent", "controller"],
            part => Assert.Contains("--listen=[::]:8080", Texts(chart.Container(part), "args"), StringComparer.Ordinal)
        );
        Assert.All(chart.Objects("Service"), service => Assert.Null(Node(service, "spec", "ipFamilyPolicy")));
    }

    [Fact]
    public async Task Services_have_the_families_of_the_values()
    {
        var chart = await ReadAsync("dual-stack");
        Assert.All(
            chart.Objects("Service"),
            service =>
            {
                Assert.Equal("PreferDualStack", Text(service, "spec", "ipFamilyPolicy"));
                Assert.Equal(["IPv6", "IPv4"], Texts(service, "spec", "ipFamilies"), StringComparer.Ordinal);
            }
        );
    }

    [Theory]
    [InlineData("dual-stack", "agent", $"registry.example.com/forkguard/forkguard-agent@{Digest}")]
    [InlineData("all", "agent", "registry.example.com/forkguard/forkguard-agent:agent-edge")]
    [InlineData("all", "controller", "registry.example.com/forkguard/forkguard-controller:controller-edge")]
    [InlineData("default", "controller", "registry.example.com/forkguard/forkguard-controller:0.1.0")]
    public async Task An_image_has_its_digest_or_its_tag(string values, string part, string image) =>
        Assert.Equal(image, Text((await ReadAsync(values)).Container(part), "image"));

    [Theory]
    [InlineData("minimal", "agent", "forkguard-agent", true)]
    [InlineData("all", "agent", "forkguard-agent-account", true)]
    [InlineData("dual-stack", "agent", "forkguard-agent-account", false)]
    [InlineData("dual-stack", "controller", "forkguard-controller-account", false)]
    public async Task Pods_roles_and_policies_have_the_same_account(
        string values,
        string part,
        string account,
        bool isCreated
    )
    {
        var chart = await ReadAsync(values, "--set=admissionPolicy.enabled=true");
        var pods = chart.Object(part == "agent" ? "DaemonSet" : "Deployment");
        Assert.Equal(account, Text(pods, "spec", "template", "spec", "serviceAccountName"));
        Assert.Contains(
            account,
            chart
                .Objects("ClusterRoleBinding")
                .Concat(chart.Objects("RoleBinding"))
                .Select(binding => Text(binding, "subjects", "0", "name")),
            StringComparer.Ordinal
        );
        Assert.Contains(
            chart.Objects("ValidatingAdmissionPolicy"),
            policy => policy.ToString().Contains($"system:serviceaccount:fg:{account}", StringComparison.Ordinal)
        );
        Assert.Equal(
            isCreated,
            chart.Objects("ServiceAccount").Any(created => Text(created, "metadata", "name") == account)
        );
    }

    [Fact]
    public async Task An_existing_account_must_have_a_name() =>
        Assert.Contains(
            "agent.serviceAccount.name is empty",
            await FailAsync("--set=agent.serviceAccount.create=false"),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("agent")]
    [InlineData("controller")]
    public async Task Additions_and_overrides_reach_the_pod(string part)
    {
        var chart = await ReadAsync("all");
        var container = chart.Container(part);
        Assert.Contains("--kubeconfig=/etc/forkguard/kubeconfig", Texts(container, "args"), StringComparer.Ordinal);
        Assert.Contains("--log-format=json", Texts(container, "args"), StringComparer.Ordinal);
        Assert.Contains("authority", Items(container, "volumeMounts"), StringComparer.Ordinal);
        Assert.Equal("5", Text(container, "livenessProbe", "failureThreshold"));
        Assert.Equal("/healthz", Text(container, "livenessProbe", "httpGet", "path"));
        Assert.Equal("5", Text(container, "readinessProbe", "periodSeconds"));
        Assert.Equal("s0:c123,c456", Text(container, "securityContext", "seLinuxOptions", "level"));
        Assert.Equal("true", Text(container, "securityContext", "readOnlyRootFilesystem"));
        var pod = Node(chart.Object(part == "agent" ? "DaemonSet" : "Deployment"), "spec", "template", "spec")!;
        Assert.Contains("authority", Items(pod, "volumes"), StringComparer.Ordinal);
        Assert.Equal("4711", Text(pod, "securityContext", "supplementalGroups", "0"));
        Assert.Equal("RuntimeDefault", Text(pod, "securityContext", "seccompProfile", "type"));
    }

    /// <summary>The agent is close to root: a capability is added only on request.</summary>
    [Theory]
    [InlineData("default", "", false)]
    [InlineData("default", "--set=agent.kernelLog=true", true)]
    [InlineData("all", "--set=agent.kernelLog=true", true)]
    public async Task The_agent_reads_the_kernels_log_only_where_it_is_asked_to(
        string values,
        string argument,
        bool isAsked
    )
    {
        var chart = await ReadAsync(values, argument.Length > 0 ? [argument] : []);
        var agent = chart.Container("agent");
        string[] capabilities = isAsked ? ["SYS_PTRACE", "SYSLOG"] : ["SYS_PTRACE"];
        Assert.Equal(capabilities, Texts(agent, "securityContext", "capabilities", "add"), StringComparer.Ordinal);
        Assert.Equal(["ALL"], Texts(agent, "securityContext", "capabilities", "drop"), StringComparer.Ordinal);
        Assert.Equal(isAsked, Texts(agent, "args").Contains("--kernel-log", StringComparer.Ordinal));
        var controller = chart.Container("controller");
        Assert.DoesNotContain("--kernel-log", Texts(controller, "args"), StringComparer.Ordinal);
        Assert.Empty(Texts(controller, "securityContext", "capabilities", "add"));
    }

    [Theory]
    [InlineData("all", "ServiceMonitor", "endpoints")]
    [InlineData("dual-stack", "PodMonitor", "podMetricsEndpoints")]
    public async Task A_monitor_selects_the_pods_of_its_part(string values, string kind, string endpoints)
    {
        var chart = await ReadAsync(values);
        var agent = chart.Object(kind, "-agent");
        Assert.Equal("agent", Text(agent, "spec", "selector", "matchLabels", "app.kubernetes.io/component"));
        Assert.Equal("prometheus", Text(agent, "metadata", "labels", "release"));
        Assert.Equal("http", Text(agent, "spec", endpoints, "0", "port"));
        Assert.Equal("10s", Text(agent, "spec", endpoints, "0", "scrapeTimeout"));
        Assert.Equal("node", Text(agent, "spec", endpoints, "0", "relabelings", "0", "targetLabel"));
        Assert.Equal("cluster", Text(agent, "spec", endpoints, "0", "relabelings", "1", "targetLabel"));
        var controller = chart.Object(kind, "-controller");
        Assert.Equal("cluster", Text(controller, "spec", endpoints, "0", "relabelings", "0", "targetLabel"));
    }

    [Theory]
    [InlineData("On", null)]
    [InlineData("Off", "Off")]
    public async Task The_switch_has_its_key_only_where_restarts_are_off(string value, string? rendered)
    {
        var chart = await ReadAsync("default", $"--set-string=controller.restarts={value}");
        Assert.Equal(rendered, Text(chart.Object("ConfigMap", "forkguard-controller"), "data", "restarts"));
    }

    [Fact]
    public async Task Two_kinds_of_monitors_are_refused() =>
        Assert.Contains(
            "every pod would be scraped twice",
            await FailAsync("--set=metrics.serviceMonitor.enabled=true,metrics.podMonitor.enabled=true"),
            StringComparison.Ordinal
        );

    [Fact]
    public async Task The_dashboard_is_in_a_ConfigMap_that_the_sidecar_finds()
    {
        var dashboard = (await ReadAsync("all")).Object("ConfigMap", "-dashboard");
        Assert.Equal("1", Text(dashboard, "metadata", "labels", "grafana_dashboard"));
        Assert.Equal("monitoring", Text(dashboard, "metadata", "namespace"));
        Assert.Equal("ForkGuard", Text(dashboard, "metadata", "annotations", "grafana_folder"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("https://docs.example.com/runbooks")]
    public async Task The_dashboard_is_that_of_the_file_with_a_link_to_the_runbooks(string url)
    {
        var chart = await ReadAsync("all", $"--set=metrics.prometheusRule.runbooksUrl={url}");
        var rendered = JsonNode.Parse(Text(chart.Object("ConfigMap", "-dashboard"), "data", "forkguard.json")!)!;
        var file = Path.Combine(RepositoryPaths.Root, "charts/forkguard/files/grafana/forkguard.json");
        var links = rendered["links"]!.AsArray();

        Assert.Equal(url.Length > 0 ? [url] : [], links.Select(link => (string)link!["url"]!), StringComparer.Ordinal);
        links.Clear();
        Assert.True(
            JsonNode.DeepEquals(
                JsonNode.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)),
                rendered
            )
        );
    }

    [Theory]
    [InlineData("minimal", true)]
    [InlineData("all", false)]
    public async Task The_lease_is_part_of_the_release_unless_the_controller_creates_it(string values, bool isPart)
    {
        var chart = await ReadAsync(values);
        Assert.Equal(isPart, chart.Kinds.Contains("Lease", StringComparer.Ordinal));
        var leases = ((YamlSequenceNode)Node(chart.Object("Role", "-controller"), "rules")!)
            .Where(rule => Texts(rule, "resources").Contains("leases", StringComparer.Ordinal))
            .ToList();
        Assert.All(
            leases,
            rule =>
                Assert.Equal(
                    Texts(rule, "verbs").SequenceEqual(["create"], StringComparer.Ordinal)
                        ? []
                        : ["forkguard-controller"],
                    Texts(rule, "resourceNames"),
                    StringComparer.Ordinal
                )
        );
        Assert.Equal(2, leases.Count);
    }

    [Fact]
    public async Task Nothing_for_Prometheus_or_Grafana_is_rendered_by_default()
    {
        var chart = await ReadAsync("minimal");
        Assert.Empty(chart.Kinds.Intersect(["ServiceMonitor", "PodMonitor", "PrometheusRule"], StringComparer.Ordinal));
        Assert.DoesNotContain(
            chart.Objects("ConfigMap"),
            map => Text(map, "metadata", "name")!.EndsWith("-dashboard", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("metrics.address=::")]
    [InlineData("metrics.address=localhost")]
    [InlineData("agent.image.digest=sha256:abc")]
    [InlineData("image.tag=a/b")]
    [InlineData("metrics.service.ipFamilyPolicy=Dual")]
    [InlineData("metrics.service.ipFamilies={IPv5}")]
    [InlineData("metrics.podMonitor.interval=soon")]
    [InlineData("metrics.dashboard.label=x")]
    [InlineData("logs.format=xml")]
    [InlineData("controller.extraArgs=--dry-run")]
    [InlineData("agent.serviceAccount.name=Agent")]
    public async Task A_value_that_is_not_valid_is_refused(string value) =>
        Assert.Contains(
            value.Split('=')[0].Split('.')[^1],
            await FailAsync($"--set={value}"),
            StringComparison.Ordinal
        );

    private static IEnumerable<string?> Items(YamlNode node, string list) =>
        ((YamlSequenceNode)Node(node, list)!).Select(item => Text(item, "name"));

    private static async Task<string> FailAsync(string argument) =>
        (await Assert.ThrowsAnyAsync<Exception>(() => ReadAsync("minimal", argument))).Message;
}

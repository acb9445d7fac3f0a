using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Policy.Matching;

namespace ForkGuard.Policy.Tests.Matching;

/// <summary>Pods, processes and shared limits that a watch selects.</summary>
public sealed class WatchSelectorTests
{
    private static readonly LabelSelector Redis = new() { MatchLabels = Map("app", "redis") };

    [Theory]
    [InlineData("shop", "redis", true)]
    [InlineData("shop", "cart", false)]
    [InlineData("other", "redis", false)]
    public void A_ForkWatch_selects_pods_of_its_namespace_by_their_labels(string ns, string app, bool selects)
    {
        var selector = WatchSelector.Of(
            new ForkWatch
            {
                Metadata = new ObjectMeta { Namespace = "shop" },
                Spec = new ForkWatchSpec { Selector = Redis },
            }
        );
        Assert.Equal(selects, selector.SelectsPod(Pod(ns, app), space: null));
        Assert.Equal((true, false, false), (selector.WatchesPods, selector.WatchesHosts, selector.SelectsNamespaces));
    }

    [Theory]
    [InlineData("shop", true)]
    [InlineData("kube-system", false)]
    public void A_ClusterForkWatch_leaves_kube_system_alone(string ns, bool selects) =>
        Assert.Equal(
            selects,
            Cluster(new ClusterForkWatchSpec { Selector = Redis }).SelectsPod(Pod(ns, "redis"), null)
        );

    [Theory]
    [InlineData("kubernetes.io/metadata.name", "In", "kube-system", true)]
    [InlineData("kubernetes.io/metadata.name", "NotIn", "shop", false)]
    [InlineData("team", "NotIn", "web", false)]
    public void Kube_system_is_selected_by_its_name_alone(string key, string word, string value, bool selects)
    {
        var space = new ObjectMeta { Labels = Map("kubernetes.io/metadata.name", "kube-system") };
        var expression = new LabelSelectorRequirement
        {
            Key = key,
            Operator = word,
            Values = [value],
        };
        var selector = Cluster(
            new ClusterForkWatchSpec
            {
                Selector = Redis,
                NamespaceSelector = new LabelSelector { MatchExpressions = [expression] },
            }
        );
        Assert.Equal(selects, selector.SelectsPod(Pod("kube-system", "redis"), space));
        Assert.False(selector.SelectsPod(Pod("kube-system", "redis"), space: null));
        Assert.True(selector.SelectsNamespaces);
    }

    [Fact]
    public void A_watch_without_a_selector_selects_no_pod()
    {
        var selector = Cluster(new ClusterForkWatchSpec { HostProcesses = new HostProcessSelector() });
        Assert.False(selector.SelectsPod(Pod("shop", "redis"), space: null));
        Assert.Equal((false, true), (selector.WatchesPods, selector.WatchesHosts));
    }

    [Theory]
    [InlineData("redis", "redis-server", true)]
    [InlineData("sidecar", "redis-server", false)]
    [InlineData("redis", "sleep", false)]
    public void A_process_of_a_pod_is_selected_by_container_and_command(string container, string command, bool selects)
    {
        var selector = Cluster(
            new ClusterForkWatchSpec
            {
                Selector = Redis,
                Containers = ["redis"],
                Commands = ["redis-server"],
            }
        );
        Assert.Equal(selects, selector.Selects(InPod(container, command)));
        Assert.False(selector.Selects(InPod(container, command) with { Pod = null }));
    }

    [Theory]
    [InlineData("Pids", "Pod", "sidecar", true)]
    [InlineData("Pids", "Container", "redis", true)]
    [InlineData("Pids", "Container", "sidecar", false)]
    [InlineData("Pids", "User", "redis", false)]
    [InlineData("ContainerMemory", "Pod", "redis", false)]
    public void Tasks_of_a_pod_or_container_are_shared_by_all_commands(
        string type,
        string scope,
        string container,
        bool shares
    )
    {
        var selector = Cluster(
            new ClusterForkWatchSpec
            {
                Selector = Redis,
                Containers = ["redis"],
                Commands = ["redis-server"],
            }
        );
        var constraint = new ConstraintReport { Type = new(type), Scope = new(scope) };
        Assert.Equal(shares, selector.Shares(InPod(container, "sleep"), constraint));
    }

    [Theory]
    [InlineData("/system.slice/cron.service", true)]
    [InlineData("/system.slice/cron.service/child", false)]
    [InlineData(null, false)]
    public void Tasks_of_a_unit_are_shared_and_those_of_a_cgroup_within_it_are_not(string? scope, bool shares)
    {
        var selector = Cluster(new ClusterForkWatchSpec { HostProcesses = new HostProcessSelector() });
        var process = new ProcessReport { Command = "cron", SystemdUnit = "cron.service" };
        var constraint = new ConstraintReport
        {
            Type = ConstraintType.Pids,
            Scope = ConstraintScope.Cgroup,
            ScopeName = scope,
        };
        Assert.Equal(shares, selector.Shares(process, constraint));
        Assert.False(selector.Shares(process with { SystemdUnit = null }, constraint));
    }

    private static WatchSelector Cluster(ClusterForkWatchSpec spec) =>
        WatchSelector.Of(new ClusterForkWatch { Spec = spec });

    private static ProcessReport InPod(string container, string command) =>
        new()
        {
            Command = command,
            Pod = new PodReference { Namespace = "shop", Name = "redis-0" },
            Container = new ContainerReference { Name = container },
        };

    private static ObjectMeta Pod(string ns, string app) => new() { Namespace = ns, Labels = Map("app", app) };

    private static Dictionary<string, string> Map(string key, string value) =>
        new(StringComparer.Ordinal) { [key] = value };
}

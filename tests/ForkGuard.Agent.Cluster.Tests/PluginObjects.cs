using ForkGuard.Testing;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Agent.Cluster.Tests;

/// <summary>
/// The objects of the samples in docs/kubectl.md: three nodes of which one is silent, a Redis at its pids limit, and a watch that
/// holds its restart back.
/// </summary>
public sealed class PluginObjects(ControlPlane cluster) : IAsyncLifetime
{
    private const string Ready =
        """{"type":"Ready","status":"True","reason":"Ready","message":"ready","lastTransitionTime":"2026-01-05T09:00:00Z"}""";

    private static readonly string[] Namespaces = ["forkguard-system", "shop"];

    private static string Objects =>
        Path.Combine(RepositoryPaths.Root, "tests/ForkGuard.Agent.Cluster.Tests/Resources/plugin-objects.yaml");

    public async ValueTask InitializeAsync()
    {
        cluster.RequireControllers();
        await cluster.ApplyCrdsAsync(Path.Combine(RepositoryPaths.Root, "config", "crd"));
        foreach (var ns in Namespaces)
        {
            await KubectlAsync("create", "namespace", ns);
            await ExistsAsync("serviceaccount", "default", ns);
        }

        await KubectlAsync("apply", "-f", Objects);
        await ExistsAsync("pod", "redis-0", "shop");
        await BindAsync();
        var uid = await KubectlAsync("get", "pod", "redis-0", "-n", "shop", "-o", "jsonpath={.metadata.uid}");
        await PatchAsync(
            "nfr/worker-1",
            "",
            $$"""
            {"observedTime":"2026-01-05T10:00:00Z","kernel":{"release":"6.12.1","overcommitMode":1},"conditions":[{{Ready}}],
             "omittedBelowPercent":50,
             "constraints":[{"type":"Threads","unit":"Tasks","scope":"Node","used":1200,"limit":60000,"percent":2,"confidence":"Exact"}],
             "processes":[{"measuredTime":"2026-01-05T10:00:00Z","pid":4711,"startTimeTicks":99,"command":"redis-server",
               "pod":{"namespace":"shop","name":"redis-0","uid":"{{uid}}"},"container":{"name":"redis"},
               "verdict":"CanFork","bindingConstraint":"Pids","constraints":[
                 {"type":"Pids","unit":"Tasks","scope":"Pod","used":97,"limit":100,"percent":97,"confidence":"Exact","growthPerMinute":1,"secondsToLimit":180},
                 {"type":"ContainerMemory","unit":"Bytes","scope":"Container","used":69206016,"limit":134217728,"percent":51,"confidence":"Estimate"}]}]}
            """
        );
        await PatchAsync(
            "nfr/worker-2",
            "",
            $$"""
            {"observedTime":"2026-01-05T10:00:00Z","kernel":{"release":"6.12.1","overcommitMode":0,"limitBytes":8589934592},"conditions":[{{Ready}}],
             "constraints":[{"type":"Threads","unit":"Tasks","scope":"Node","used":900,"limit":60000,"percent":1,"confidence":"Exact"}],
             "processes":[
              {"measuredTime":"2026-01-05T10:00:00Z","pid":812,"startTimeTicks":7,"command":"node",
               "pod":{"namespace":"shop","name":"cart-5c8f-q9zv2","uid":"11111111-2222-3333-4444-555555555555"},"container":{"name":"cart"},
               "verdict":"CanFork","bindingConstraint":"LargestMapping","constraints":[
                 {"type":"LargestMapping","unit":"Bytes","scope":"Process","used":5239860101,"limit":8589934592,"percent":61,"confidence":"Exact"}]},
              {"measuredTime":"2026-01-05T10:00:00Z","pid":633,"startTimeTicks":5,"command":"postgres","systemdUnit":"postgresql.service",
               "verdict":"CannotFork","bindingConstraint":"UserProcesses","constraints":[
                 {"type":"UserProcesses","unit":"Tasks","scope":"User","scopeName":"70","used":512,"limit":512,"percent":100,"confidence":"Estimate","refuses":true}]}]}
            """
        );
        await PatchAsync(
            "nfr/worker-3",
            "",
            """{"conditions":[{"type":"Ready","status":"Unknown","reason":"AgentSilent","message":"no report for 12 min","lastTransitionTime":"2026-01-05T09:48:00Z"}]}"""
        );
        await PatchAsync("pod/forkguard-agent-x7f2k", "forkguard-system", $$"""{"conditions":[{{Ready}}]}""");
        await PatchAsync("pod/forkguard-controller-6b9d-2xk4p", "forkguard-system", $$"""{"conditions":[{{Ready}}]}""");
        await PatchAsync(
            "forkwatch/redis",
            "shop",
            $$"""
            {"observedGeneration":1,"podsAtRisk":1,"worstPercent":97,"worstConstraint":"Pids",
             "conditions":[{{ConditionOf("Accepted", "True", "Accepted", "spec is valid")}},
               {{ConditionOf("AtRisk", "True", "ProcessesAtRisk", "1 pod at risk")}},
               {{ConditionOf(
                "ActionSuppressed",
                "True",
                "SwitchedOff",
                "restarts are switched off in ConfigMap forkguard-system/forkguard-controller"
            )}}],
             "targets":[{"node":"worker-1","pod":{"namespace":"shop","name":"redis-0"},"container":"redis","command":"redis-server",
               "constraint":"Pids","verdict":"CanFork","percent":97}]}
            """
        );
        await PatchAsync(
            "clusterforkwatch/shops",
            "",
            $$"""
            {"observedGeneration":1,"conditions":[{{ConditionOf("Accepted", "True", "Valid", "spec is valid")}},
               {{ConditionOf("AtRisk", "False", "BelowThreshold", "below 70 %")}}]}
            """
        );
        await PatchAsync(
            "forkwatch/cart",
            "shop",
            $$"""{"observedGeneration":1,"conditions":[{{ConditionOf("Accepted", "False", "Invalid", "spec.selector: must not be empty")}}]}"""
        );
        await PatchAsync(
            "forkrestart/statefulset-redis-0123456789abcdef",
            "shop",
            """
            {"state":"Idle","result":"Helped",
             "cooldown":{"since":"2026-01-05T08:00:00Z","until":"2026-01-05T09:00:00Z","watch":"ForkWatch shop/redis"},
             "history":[{"pod":{"namespace":"shop","name":"redis-0"},"watch":"ForkWatch shop/redis","method":"Evict",
               "decidedTime":"2026-01-05T08:00:00Z","endedTime":"2026-01-05T08:41:00Z","result":"Helped",
               "message":"the replacement stayed below 90 % for 40 min"}]}
            """
        );
    }

    public async ValueTask DisposeAsync()
    {
        await cluster.KubectlAsync("delete", "--ignore-not-found", "--wait=false", "--grace-period=0", "-f", Objects);
        await cluster.KubectlAsync(["delete", "namespace", "--wait=false", .. Namespaces]);
    }

    /// <summary>No scheduler runs.</summary>
    private async Task BindAsync()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            file,
            """{"apiVersion":"v1","kind":"Binding","metadata":{"name":"redis-0"},"target":{"kind":"Node","name":"worker-1"}}"""
        );
        await KubectlAsync("create", "--raw", "/api/v1/namespaces/shop/pods/redis-0/binding", "-f", file);
        File.Delete(file);
    }

    private Task ExistsAsync(string kind, string name, string ns) =>
        Condition.HoldsAsync(
            async _ => (await cluster.KubectlAsync("get", kind, name, "-n", ns)).ExitCode == 0,
            $"{kind} {name} of {ns}"
        );

    private static string ConditionOf(string type, string status, string reason, string message) =>
        $$"""{"type":"{{type}}","status":"{{status}}","reason":"{{reason}}","message":"{{message}}","lastTransitionTime":"2026-01-05T09:58:00Z"}""";

    private Task<string> PatchAsync(string what, string ns, string status)
    {
        string[] within = ns.Length == 0 ? [] : ["--namespace", ns];
        return KubectlAsync([
            "patch",
            what,
            "--subresource=status",
            "--type=merge",
            .. within,
            "--patch",
            $$"""{"status":{{status}}}""",
        ]);
    }

    private async Task<string> KubectlAsync(params string[] arguments)
    {
        var answer = await cluster.KubectlAsync(arguments);
        Assert.True(answer.ExitCode == 0, $"kubectl {string.Join(' ', arguments)}: {answer.StandardError}");
        return answer.StandardOutput;
    }
}

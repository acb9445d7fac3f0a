using System.Net;
using System.Text.Json.Nodes;
using ForkGuard.Api;
using ForkGuard.Testing.Kubernetes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Condition = ForkGuard.Testing.Condition;

namespace ForkGuard.Manifests.Tests.Servers;

/// <summary>
/// The chart's admission policy, accounts and roles in force, and reports of two nodes. A control plane before 1.30 makes no token
/// that names a node: there the administrator impersonates the user of such a token.
/// </summary>
public sealed class AgentPolicy(RealServers servers) : IAsyncLifetime
{
    public const string Node = "node-a";
    public const string OtherNode = "node-b";

    private const string NodeName = "authentication.kubernetes.io/node-name";
    private const string Patch = """[{"op": "add", "path": "/status", "value": {"kernel": {"overcommitMode": 0}}}]""";
    private const string Policies = "apis/admissionregistration.k8s.io/v1";

    private readonly string roles = Path.GetTempFileName();
    private readonly List<(CrdServer On, string Path)> made = [];
    private string ns = "";
    private readonly Dictionary<string, IKubernetes> pods = new(StringComparer.Ordinal);
    private CrdServer? server;

    public async ValueTask InitializeAsync()
    {
        // What belongs to the whole cluster gets the release's name too: an installed ForkGuard keeps its own.
        ns = await servers.ControlPlane.CreateNamespaceAsync("forkguard");
        await File.WriteAllTextAsync(roles, await Chart.RenderAsync("rbac", ns));
        var applied = await servers.ControlPlane.KubectlAsync("apply", "-f", roles);
        Assert.True(applied.ExitCode == 0, applied.StandardError);

        server = await servers.CrdServer.StartWithPoliciesAsync();
        await RealServers.CreateCrdsAsync(server);
        foreach (var node in (string[])[Node, OtherNode])
        {
            await MakeAsync(server, Resources.PathOf(Report(node)), node, Report(node).ToJsonString());
            if (servers.ControlPlane.HasNodeClaims)
            {
                pods[node] = await servers.ControlPlane.ClientForAsync(await RunAgentAsync(node));
            }
        }

        await Condition.HoldsAsync(
            async _ => (await WriteAsync(Agent(), Node)).Code == HttpStatusCode.OK,
            "the agent's role lets it write"
        );

        // A field that Kubernetes does not know is an error here.
        var rendered = await Chart.RenderAsync("admission-policy", ns);
        foreach (var policy in KubernetesYaml.LoadAllFromString(rendered, strict: true))
        {
            var plural =
                policy is V1ValidatingAdmissionPolicy
                    ? "validatingadmissionpolicies"
                    : "validatingadmissionpolicybindings";
            var name = ((IMetadata<V1ObjectMeta>)policy).Name();
            await MakeAsync(servers.CrdServer, $"{Policies}/{plural}", name, KubernetesJson.Serialize(policy));
        }

        await Condition.HoldsAsync(
            async _ => (await WriteAsync(Agent(), Node)).Code != HttpStatusCode.OK,
            "the policy is in force and refuses a token without a node"
        );
    }

    /// <summary>With a token that was made for no pod.</summary>
    public ImpersonatedUser Agent() => Account("agent", []);

    /// <summary>With the token of a pod on the other node.</summary>
    public ImpersonatedUser Controller() => Account("controller", [new(NodeName, OtherNode)]);

    /// <summary>Writes the status of a node's report as the agent of a node, with the token of its pod.</summary>
    public async Task<ServerAnswer> WriteAsAgentOfAsync(string own, string node)
    {
        if (!pods.TryGetValue(own, out var agent))
        {
            return await WriteAsync(Account("agent", [new(NodeName, own)]), node);
        }

        try
        {
            await agent.CustomObjects.PatchClusterCustomObjectStatusAsync(
                new V1Patch(Patch, V1Patch.PatchType.JsonPatch),
                ForkGuardApi.Group,
                ForkGuardApi.Version,
                "nodeforkreports",
                node,
                cancellationToken: TestContext.Current.CancellationToken
            );
            return new ServerAnswer(HttpStatusCode.OK, "");
        }
        catch (HttpOperationException refused)
        {
            return new ServerAnswer(refused.Response.StatusCode, refused.Response.Content);
        }
    }

    /// <summary>Writes the status of a node's report, in the way of the agent.</summary>
    /// <param name="user">Null for the administrator.</param>
    /// <param name="node">The name of the node.</param>
    public Task<ServerAnswer> WriteAsync(ImpersonatedUser? user, string node) =>
        server!.SendAsync(
            user,
            HttpMethod.Patch,
            $"{Resources.PathOf(Report(node))}/{node}/status",
            Patch,
            TestContext.Current.CancellationToken
        );

    /// <summary>Sends a request to the server on which the policies are in force.</summary>
    /// <param name="user">Null for the administrator.</param>
    /// <param name="method">Its method.</param>
    /// <param name="path">Its path.</param>
    /// <param name="body">Its body.</param>
    public Task<ServerAnswer> SendAsync(ImpersonatedUser? user, HttpMethod method, string path, string? body = null) =>
        server!.SendAsync(user, method, path, body, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        // A cluster that goes on after the tests.
        foreach (var (on, path) in Enumerable.Reverse(made))
        {
            await on.SendAsync(HttpMethod.Delete, path);
        }

        await servers.ControlPlane.KubectlAsync("delete", "--ignore-not-found", "-f", roles);
        File.Delete(roles);
        await (server?.DisposeAsync() ?? default);
    }

    /// <summary>With what Kubernetes writes into each token since 1.32.</summary>
    private ImpersonatedUser Account(string part, IEnumerable<KeyValuePair<string, string>> claims) =>
        new(
            ns,
            $"{ns}-{part}",
            new Dictionary<string, string>(claims, StringComparer.Ordinal)
            {
                ["authentication.kubernetes.io/credential-id"] = "JTI=6f2d3c1e-8a04-4b6f-9a1d-2f1f6f0c7a55",
            }
        );

    private Task<V1Pod> RunAgentAsync(string node) =>
        servers.ControlPlane.Admin.CoreV1.CreateNamespacedPodAsync(
            new()
            {
                Metadata = new() { Name = $"agent-of-{node}" },
                Spec = new()
                {
                    NodeName = node,
                    ServiceAccountName = $"{ns}-agent",
                    Containers = [new() { Name = "agent", Image = "agent" }],
                },
            },
            ns
        );

    private static JsonObject Report(string node) => Documents.Of(ForkGuardApi.NodeForkReportKind, node, null);

    private async Task MakeAsync(CrdServer on, string collection, string name, string json)
    {
        var answer = await on.SendAsync(HttpMethod.Post, collection, json);
        Assert.True(answer.Code == HttpStatusCode.Created, answer.Message);
        made.Add((on, $"{collection}/{name}"));
    }
}

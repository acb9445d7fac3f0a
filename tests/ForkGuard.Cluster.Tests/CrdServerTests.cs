using System.Net;
using ForkGuard.Testing.Kubernetes;
using k8s.Models;

namespace ForkGuard.Cluster.Tests;

/// <summary>A server that knows CEL judges the rules of a CRD, beside a control plane that need not know it.</summary>
[Trait("Needs", "Machine")]
public sealed class CrdServerTests(ControlPlane cluster, CrdServer server) : IClassFixture<CrdServer>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_breaks_a_rule_is_refused_with_the_field_that_broke_it()
    {
        string gauges = $"apis/tests.forkguard.io/v1/namespaces/{await cluster.CreateNamespaceAsync("gauges")}/gauges";
        await server.CreateCrdAsync(await File.ReadAllTextAsync(Gauge.Crd, Cancelled));

        ServerAnswer accepted = await CreateAsync(gauges, Gauge.Good);
        ServerAnswer refused = await CreateAsync(gauges, Gauge.Bad);

        Assert.Equal(HttpStatusCode.Created, accepted.Code);
        Assert.Empty(accepted.Causes);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Code);
        V1StatusCause cause = Assert.Single(refused.Causes);
        Assert.Equal("spec.act", cause.Field);
        Assert.Contains("act below warn", cause.Message, StringComparison.Ordinal);
    }

    private async Task<ServerAnswer> CreateAsync(string path, string file) =>
        await server.SendAsync(HttpMethod.Post, path, await File.ReadAllTextAsync(file, Cancelled), Cancelled);
}

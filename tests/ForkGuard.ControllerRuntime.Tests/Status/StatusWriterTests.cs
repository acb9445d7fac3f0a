using System.Text.Json;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.ControllerRuntime.Tests.Status;

/// <summary>A status is written when it differs, and only over what was read.</summary>
[Trait("Needs", "Machine")]
public sealed class StatusWriterTests(ControlPlane cluster)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_status_is_written_and_the_spec_is_not_touched()
    {
        Gauges gauges = await Gauges.InNewNamespaceAsync(cluster, "status");
        Gauge gauge = await gauges.CreateAsync("a", target: 7);
        await using Runtime runtime = Runtime.On(cluster);

        StatusWrite<Gauge> write = await WriteAsync(
            runtime,
            gauge,
            new()
            {
                Level = 3,
                Range = new() { From = 1 },
            }
        );

        Assert.Equal(StatusOutcome.Written, write.Outcome);
        Assert.Equal(3, write.Resource!.Status!.Level);
        Assert.NotEqual(
            gauge.Metadata.ResourceVersion,
            write.Resource.Metadata.ResourceVersion,
            StringComparer.Ordinal
        );
        JsonElement stored = await gauges.GetAsync("a");
        Assert.Equal(7, stored.GetProperty("spec").GetProperty("target").GetInt32());
        Assert.Equal("""{"level":3,"range":{"from":1}}""", stored.GetProperty("status").GetRawText());
    }

    [Fact]
    public async Task A_status_that_is_there_already_is_not_sent()
    {
        Gauges gauges = await Gauges.InNewNamespaceAsync(cluster, "unchanged");
        await gauges.CreateAsync("a");
        Gauge gauge = await gauges.PatchStatusAsync("a", """{"status":{"level":3,"note":"full"}}""");
        await using Runtime runtime = Runtime.On(cluster);

        StatusWrite<Gauge> write = await WriteAsync(runtime, gauge, new() { Note = "full", Level = 3 });

        Assert.Equal(StatusOutcome.Unchanged, write.Outcome);
        Assert.Same(gauge, write.Resource);
        Assert.Empty(runtime.Network.Requests);
    }

    [Fact]
    public async Task What_the_new_status_lacks_goes_and_what_nobody_here_knows_stays()
    {
        Gauges gauges = await Gauges.InNewNamespaceAsync(cluster, "lacks");
        await gauges.CreateAsync("a");
        Gauge gauge = await gauges.PatchStatusAsync(
            "a",
            """{"status":{"level":3,"note":"full","range":{"from":1,"to":2},"other":{"x":1}}}"""
        );
        await using Runtime runtime = Runtime.On(cluster);

        await WriteAsync(
            runtime,
            gauge,
            new()
            {
                Level = 3,
                Range = new() { To = 2 },
            }
        );

        JsonElement status = (await gauges.GetAsync("a")).GetProperty("status");
        Assert.Equal("""{"level":3,"other":{"x":1},"range":{"to":2}}""", status.GetRawText());
    }

    [Fact]
    public async Task An_object_that_changed_meanwhile_is_a_conflict_and_keeps_what_it_has()
    {
        Gauges gauges = await Gauges.InNewNamespaceAsync(cluster, "conflict");
        Gauge gauge = await gauges.CreateAsync("a");
        await gauges.PatchStatusAsync("a", """{"status":{"note":"theirs"}}""");
        await using Runtime runtime = Runtime.On(cluster);

        StatusWrite<Gauge> write = await WriteAsync(runtime, gauge, new() { Note = "ours" });

        Assert.Equal(new(StatusOutcome.Conflict, Resource: null), write);
        Assert.Equal("""{"note":"theirs"}""", (await gauges.GetAsync("a")).GetProperty("status").GetRawText());
        Assert.Single(runtime.Network.Requests);
    }

    [Fact]
    public async Task An_object_that_was_replaced_under_its_name_is_not_written()
    {
        Gauges gauges = await Gauges.InNewNamespaceAsync(cluster, "replaced");
        Gauge first = await gauges.CreateAsync("a");
        await gauges.DeleteAsync("a");
        await gauges.CreateAsync("a");
        await using Runtime runtime = Runtime.On(cluster);

        StatusWrite<Gauge> write = await WriteAsync(runtime, first, new() { Note = "ours" });

        Assert.Equal(StatusOutcome.Conflict, write.Outcome);
        Assert.False((await gauges.GetAsync("a")).TryGetProperty("status", out _));
    }

    [Fact]
    public async Task An_object_that_went_is_gone()
    {
        Gauges gauges = await Gauges.InNewNamespaceAsync(cluster, "gone");
        Gauge gauge = await gauges.CreateAsync("a");
        await gauges.DeleteAsync("a");
        await using Runtime runtime = Runtime.On(cluster);

        StatusWrite<Gauge> write = await WriteAsync(runtime, gauge, new() { Note = "ours" });

        Assert.Equal(StatusOutcome.Gone, write.Outcome);
    }

    private static Task<StatusWrite<Gauge>> WriteAsync(Runtime runtime, Gauge gauge, GaugeStatus status) =>
        new StatusWriter<Gauge, GaugeStatus>(
            runtime.Client,
            runtime.Pipeline,
            Gauge.Kind,
            static current => current.Status,
            GaugeJson.Default.GaugeStatus
        ).WriteAsync(gauge, status, Cancelled);
}

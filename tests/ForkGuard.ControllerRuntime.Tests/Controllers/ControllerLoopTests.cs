using System.Collections.Concurrent;
using ForkGuard.ControllerRuntime.Tests.Caching;
using ForkGuard.Testing;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.ControllerRuntime.Tests.Controllers;

/// <summary>A controller is called for what happens on the real server.</summary>
[Trait("Needs", "Machine")]
public sealed class ControllerLoopTests(ControlPlane cluster)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_controller_hears_of_what_is_there_what_changes_and_what_goes()
    {
        Gauges gauges = await Gauges.InNewNamespaceAsync(cluster, "loop");
        await gauges.CreateAsync("a", target: 1);
        await using Runtime runtime = Runtime.On(cluster);
        ScriptedController controller = new();
        using ControllerLoop<Gauge> loop = Start(runtime, gauges, controller);

        await HearsAsync(controller, "a 1");
        await gauges.PatchAsync("a", """{"spec":{"target":2}}""");
        await HearsAsync(controller, "a 2");
        await gauges.DeleteAsync("a");
        await HearsAsync(controller, "a 2 deleted");
    }

    [Fact]
    public async Task What_fails_is_tried_again_and_costs_no_other_anything()
    {
        Gauges gauges = await Gauges.InNewNamespaceAsync(cluster, "fails");
        await gauges.CreateAsync("bad");
        await gauges.CreateAsync("good");
        await using Runtime runtime = Runtime.On(cluster);
        int failures = 0;
        ScriptedController controller = new()
        {
            Reconcile = gauge =>
                gauge.Metadata.Name == "bad" && ++failures < 4
                    ? throw new InvalidOperationException("The test's own failure.")
                    : ReconciliationResult.Done,
        };
        using ControllerLoop<Gauge> loop = Start(runtime, gauges, controller);

        await HearsAsync(controller, "good 1");
        await HearsAsync(controller, "bad 1");

        Assert.Equal(4, failures);
        Assert.True(runtime.Health.Liveness().Ok);
    }

    [Fact]
    public async Task A_deletion_that_fails_is_told_again()
    {
        Gauges gauges = await Gauges.InNewNamespaceAsync(cluster, "undone");
        await gauges.CreateAsync("a");
        await using Runtime runtime = Runtime.On(cluster);
        int failures = 0;
        ScriptedController controller = new()
        {
            Delete = _ =>
            {
                if (++failures < 3)
                {
                    throw new InvalidOperationException("The test's own failure.");
                }
            },
        };
        using ControllerLoop<Gauge> loop = Start(runtime, gauges, controller);
        await HearsAsync(controller, "a 1");

        await gauges.DeleteAsync("a");

        await HearsAsync(controller, "a 1 deleted");
        Assert.Equal(3, failures);
    }

    [Fact]
    public async Task An_object_is_worked_on_again_after_the_time_that_was_asked_for()
    {
        Gauges gauges = await Gauges.InNewNamespaceAsync(cluster, "requeue");
        await gauges.CreateAsync("a");
        await using Runtime runtime = Runtime.On(cluster);
        int calls = 0;
        ScriptedController controller = new()
        {
            Reconcile = _ => new(++calls < 3 ? TimeSpan.FromMilliseconds(20) : null),
        };
        using ControllerLoop<Gauge> loop = Start(runtime, gauges, controller);

        await Condition.HoldsAsync(() => calls == 3, "three calls for one state", Cancelled);
    }

    [Fact]
    public async Task An_object_can_be_asked_for_though_it_did_not_change()
    {
        Gauges gauges = await Gauges.InNewNamespaceAsync(cluster, "enqueue");
        await gauges.CreateAsync("a");
        await using Runtime runtime = Runtime.On(cluster);
        ScriptedController controller = new();
        using ControllerLoop<Gauge> loop = Start(runtime, gauges, controller);
        await HearsAsync(controller, "a 1");

        loop.Enqueue(gauges.Key("a"));
        loop.Enqueue(gauges.Key("there-is-no-such-object"));

        await Condition.HoldsAsync(() => controller.Heard.Count == 2, "another call", Cancelled);
    }

    [Fact]
    public async Task Nothing_is_reconciled_before_every_cache_has_its_list()
    {
        Gauges gauges = await Gauges.InNewNamespaceAsync(cluster, "waits");
        Gauges others = await Gauges.InNewNamespaceAsync(cluster, "waitedfor");
        await gauges.CreateAsync("a");
        await using Runtime runtime = Runtime.On(cluster);
        ResourceCache<Gauge> late = new(
            runtime.Client,
            Gauge.Kind,
            new() { Namespace = others.Namespace },
            runtime.Services
        );
        bool? wasThere = null;
        ScriptedController controller = new()
        {
            Reconcile = _ =>
            {
                wasThere = late.IsSynced;
                return ReconciliationResult.Done;
            },
        };
        ResourceCache<Gauge> cache = ResourceCacheTests.Start(runtime, gauges);
        using ControllerLoop<Gauge> loop = new(
            "gauges",
            cache,
            controller,
            runtime.Services,
            new() { WaitFor = [late] }
        );
        runtime.Run(loop.RunAsync);
        await cache.WaitForSyncAsync(Cancelled);
        await Assert.ThrowsAsync<TimeoutException>(() =>
            Condition.HoldsAsync(
                _ => Task.FromResult(wasThere is not null),
                "a call that comes too early",
                within: TimeSpan.FromSeconds(1),
                cancellationToken: Cancelled
            )
        );

        runtime.Run(late.RunAsync);

        await HearsAsync(controller, "a 1");
        Assert.True(wasThere);
    }

    [Fact]
    public async Task A_reconciliation_that_takes_too_long_is_cancelled_and_tried_again()
    {
        Gauges gauges = await Gauges.InNewNamespaceAsync(cluster, "slow");
        await gauges.CreateAsync("a");
        await using Runtime runtime = Runtime.On(cluster);
        int calls = 0;
        ScriptedController controller = new()
        {
            Wait = token => ++calls == 1 ? Task.Delay(Timeout.InfiniteTimeSpan, token) : Task.CompletedTask,
        };
        using ControllerLoop<Gauge> loop = Start(
            runtime,
            gauges,
            controller,
            new() { ReconcileTimeout = TimeSpan.FromMilliseconds(100) }
        );

        await HearsAsync(controller, "a 1");

        Assert.True(calls >= 2);
    }

    [Fact]
    public async Task A_reconciliation_that_does_not_even_end_when_cancelled_fails_liveness_by_name()
    {
        Gauges gauges = await Gauges.InNewNamespaceAsync(cluster, "stuck");
        await gauges.CreateAsync("a");
        await using Runtime runtime = Runtime.On(cluster);
        TaskCompletionSource end = new();
        ScriptedController controller = new() { Wait = _ => end.Task };
        using ControllerLoop<Gauge> loop = Start(
            runtime,
            gauges,
            controller,
            new() { StuckAfter = TimeSpan.FromMilliseconds(200) }
        );

        await Condition.HoldsAsync(() => !runtime.Health.Liveness().Ok, "a stuck loop", Cancelled);
        HealthAnswer liveness = runtime.Health.Liveness();
        end.SetResult();

        Assert.StartsWith("worker 1 of gauges has been silent for", liveness.Text, StringComparison.Ordinal);
        await Condition.HoldsAsync(() => runtime.Health.Liveness().Ok, "a loop that is not stuck", Cancelled);
    }

    [Fact]
    public async Task A_controller_that_finds_that_it_leads_no_more_ends_the_loop()
    {
        Gauges gauges = await Gauges.InNewNamespaceAsync(cluster, "lost");
        await gauges.CreateAsync("a");
        await using Runtime runtime = Runtime.On(cluster);
        ResourceCache<Gauge> cache = ResourceCacheTests.Start(runtime, gauges);
        ScriptedController controller = new() { Reconcile = _ => throw new LeadershipLostException("lost") };
        using ControllerLoop<Gauge> loop = new("gauges", cache, controller, runtime.Services, new() { Workers = 3 });

        await Assert.ThrowsAsync<LeadershipLostException>(() => loop.RunAsync(Cancelled));
    }

    private static ControllerLoop<Gauge> Start(
        Runtime runtime,
        Gauges gauges,
        ScriptedController controller,
        ControllerLoopOptions? options = null
    )
    {
        ControllerLoop<Gauge> loop = new(
            "gauges",
            ResourceCacheTests.Start(runtime, gauges),
            controller,
            runtime.Services,
            options
        );
        runtime.Run(loop.RunAsync);
        return loop;
    }

    private static Task HearsAsync(ScriptedController controller, string what) =>
        Condition.HoldsAsync(
            () => controller.Heard.Contains(what, StringComparer.Ordinal),
            $"the controller hears '{what}'",
            Cancelled
        );

    /// <summary>Notes what it was told and did not fail at.</summary>
    private sealed class ScriptedController : IEntityController<Gauge>
    {
        public ConcurrentQueue<string> Heard { get; } = new();

        public Func<CancellationToken, Task> Wait { get; init; } = static _ => Task.CompletedTask;

        public Func<Gauge, ReconciliationResult> Reconcile { get; init; } = static _ => ReconciliationResult.Done;

        public Action<Gauge> Delete { get; init; } = static _ => { };

        public async Task<ReconciliationResult> ReconcileAsync(Gauge entity, CancellationToken cancellationToken)
        {
            await Wait(cancellationToken);
            ReconciliationResult result = Reconcile(entity);
            Heard.Enqueue($"{entity.Metadata.Name} {entity.Spec.Target}");
            return result;
        }

        public Task DeletedAsync(Gauge entity, CancellationToken cancellationToken)
        {
            Delete(entity);
            Heard.Enqueue($"{entity.Metadata.Name} {entity.Spec.Target} deleted");
            return Task.CompletedTask;
        }
    }
}

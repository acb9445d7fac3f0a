using ForkGuard.Testing;

namespace ForkGuard.ControllerRuntime.Tests.Caching;

/// <summary>The ways in which a watch ends that a real server does not show at will.</summary>
public sealed class CacheFaultTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_malformed_line_leads_to_a_new_list()
    {
        await using ScriptedServer server = new(
            answer => answer.SendListAsync("10", ScriptedAnswer.Gauge("a", "9")),
            async answer =>
            {
                await answer.StartWatchAsync("{\"type\":\"ADDED\",\"obj");
                await answer.StayAsync();
            },
            answer => answer.SendListAsync("20", ScriptedAnswer.Gauge("b", "19")),
            StayingWatch
        );
        await using Runtime runtime = Runtime.On(server);
        ResourceCache<Gauge> cache = Start(runtime);

        await Condition.HoldsAsync(() => cache.Get(Key("b")) is not null, "the object of the second list", Cancelled);

        Assert.Null(cache.Get(Key("a")));
        await AsksAsync(server, "resourceVersion=20");
    }

    [Fact]
    public async Task An_error_event_410_leads_to_a_new_list()
    {
        await using ScriptedServer server = new(
            answer => answer.SendListAsync("10", ScriptedAnswer.Gauge("a", "9")),
            async answer =>
            {
                await answer.StartWatchAsync(
                    ScriptedAnswer.Event("ERROR", """{"kind":"Status","code":410,"reason":"Expired"}""")
                );
                // The server leaves the connection open: it is the client that must act.
                await answer.StayAsync();
            },
            answer => answer.SendListAsync("20"),
            StayingWatch
        );
        await using Runtime runtime = Runtime.On(server);
        ResourceCache<Gauge> cache = Start(runtime);

        await AsksAsync(server, "resourceVersion=20");

        Assert.Empty(cache.List());
    }

    [Fact]
    public async Task A_connection_that_breaks_in_the_middle_of_a_line_goes_on_after_the_last_whole_one()
    {
        await using ScriptedServer server = new(
            answer => answer.SendListAsync("10"),
            async answer =>
            {
                string added = ScriptedAnswer.Event("ADDED", ScriptedAnswer.Gauge("a", "11"));
                string cut = ScriptedAnswer.Event("ADDED", ScriptedAnswer.Gauge("b", "12"))[..40];
                await answer.StartWatchAsync(added);
                await answer.SendPieceAsync(cut);
                answer.Reset();
            },
            async answer =>
            {
                await answer.StartWatchAsync(ScriptedAnswer.Event("ADDED", ScriptedAnswer.Gauge("b", "12")));
                await answer.StayAsync();
            }
        );
        await using Runtime runtime = Runtime.On(server);
        ResourceCache<Gauge> cache = Start(runtime);

        await Condition.HoldsAsync(() => cache.Get(Key("b")) is not null, "the object whose line was cut", Cancelled);

        Assert.NotNull(cache.Get(Key("a")));
        // A reset may overtake what was sent before it: then both are told again.
        Assert.Matches("resourceVersion=1[01]&", server.Requests.Last());
        Assert.Equal(1, server.Requests.Count(request => request.Contains("limit=", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_watch_that_ends_in_the_middle_of_a_line_is_no_reason_for_a_list()
    {
        await using ScriptedServer server = new(
            answer => answer.SendListAsync("10"),
            async answer =>
            {
                await answer.StartWatchAsync(ScriptedAnswer.Event("ADDED", ScriptedAnswer.Gauge("a", "11")));
                await answer.SendPieceAsync("{\"type\":");
                await answer.EndWatchAsync();
            },
            StayingWatch
        );
        await using Runtime runtime = Runtime.On(server);
        Start(runtime);

        await AsksAsync(server, "resourceVersion=11");
    }

    [Fact]
    public async Task A_watch_that_ends_at_once_is_asked_for_with_more_and_more_time_in_between()
    {
        await using ScriptedServer server = new(
            answer => answer.SendListAsync("10"),
            async answer =>
            {
                await answer.StartWatchAsync();
                await answer.EndWatchAsync();
            }
        );
        TestTime time = new();
        await using Runtime runtime = Runtime.On(server, time);
        Start(runtime);

        int known = 0;
        foreach (double full in (double[])[0.5, 1, 2, 4, 8, 10, 10])
        {
            TimeSpan pause = await WaitAsync(time, known, wait => wait <= TimeSpan.FromSeconds(10));
            Assert.InRange(pause.TotalSeconds, full / 2, full);
            known = time.Waits.Count;
            int requests = server.Requests.Count;
            time.Advance(pause);
            await Condition.HoldsAsync(() => server.Requests.Count > requests, "the next watch", Cancelled);
        }
    }

    [Fact]
    public async Task A_watch_that_ends_after_it_told_something_is_gone_on_with_at_once()
    {
        await using ScriptedServer server = new(
            answer => answer.SendListAsync("10"),
            answer => TellOneAsync(answer, "a", "11"),
            answer => TellOneAsync(answer, "b", "12"),
            answer => TellOneAsync(answer, "c", "13"),
            StayingWatch
        );
        // No time passes.
        TestTime time = new();
        await using Runtime runtime = Runtime.On(server, time);
        ResourceCache<Gauge> cache = Start(runtime);

        await Condition.HoldsAsync(() => cache.Get(Key("c")) is not null, "what the third watch told", Cancelled);

        static async Task TellOneAsync(ScriptedAnswer answer, string name, string version)
        {
            await answer.StartWatchAsync(ScriptedAnswer.Event("ADDED", ScriptedAnswer.Gauge(name, version)));
            await answer.EndWatchAsync();
        }
    }

    [Fact]
    public async Task A_busy_server_is_left_alone_for_as_long_as_it_asks()
    {
        await using ScriptedServer server = new(
            answer => answer.SendAsync("429 Too Many Requests", "", "Retry-After: 3600"),
            answer => answer.SendListAsync("10"),
            StayingWatch
        );
        TestTime time = new();
        await using Runtime runtime = Runtime.On(server, time);
        ResourceCache<Gauge> cache = Start(runtime);

        TimeSpan pause = await WaitAsync(time, 0, wait => wait == TimeSpan.FromHours(1));
        Assert.Single(server.Requests);
        time.Advance(pause);

        await cache.WaitForSyncAsync(Cancelled);
    }

    [Fact]
    public async Task An_expired_page_leads_to_the_whole_list_at_once()
    {
        await using ScriptedServer server = new(
            answer =>
                answer.SendAsync(
                    "200 OK",
                    $$"""{"metadata":{"resourceVersion":"10","continue":"next"},"items":[{{ScriptedAnswer.Gauge("old", "9")}}]}"""
                ),
            answer => answer.SendAsync("410 Gone", """{"kind":"Status","code":410,"reason":"Expired"}"""),
            answer => answer.SendListAsync("20", ScriptedAnswer.Gauge("a", "19"), ScriptedAnswer.Gauge("b", "19")),
            StayingWatch
        );
        await using Runtime runtime = Runtime.On(server);
        ResourceCache<Gauge> cache = Start(runtime);

        await AsksAsync(server, "resourceVersion=20");

        Assert.Equal(
            ["a", "b"],
            cache.List().Select(gauge => gauge.Metadata.Name).Order(StringComparer.Ordinal),
            StringComparer.Ordinal
        );
        string[] lists = [.. server.Requests.Take(3)];
        Assert.Contains("continue=next", lists[1], StringComparison.Ordinal);
        Assert.DoesNotContain("limit=", lists[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_the_server_has_yet_to_reach_leads_to_a_new_list()
    {
        const string ahead = """
            {"kind":"Status","code":504,"reason":"Timeout","details":{"causes":[{"reason":"ResourceVersionTooLarge"}]}}
            """;
        await using ScriptedServer server = new(
            answer => answer.SendListAsync("1000", ScriptedAnswer.Gauge("a", "999")),
            answer => answer.SendAsync("504 Gateway Timeout", ahead),
            answer => answer.SendListAsync("20"),
            StayingWatch
        );
        await using Runtime runtime = Runtime.On(server);
        ResourceCache<Gauge> cache = Start(runtime);

        await AsksAsync(server, "resourceVersion=20");

        Assert.Empty(cache.List());
    }

    [Fact]
    public async Task An_object_replaced_under_its_name_is_one_that_went_and_one_that_came()
    {
        await using ScriptedServer server = new(
            answer => answer.SendListAsync("10", ScriptedAnswer.Gauge("a", "9", uid: "first")),
            async answer =>
            {
                await answer.StartWatchAsync(
                    ScriptedAnswer.Event("MODIFIED", ScriptedAnswer.Gauge("a", "11", uid: "second"))
                );
                await answer.StayAsync();
            }
        );
        await using Runtime runtime = Runtime.On(server);
        ResourceCache<Gauge> cache = new(runtime.Client, Gauge.Kind, new(), runtime.Services);
        List<(string? Old, string? New)> changes = [];
        cache.OnChanged(change => changes.Add((change.Old?.Metadata.Uid, change.New?.Metadata.Uid)));
        runtime.Run(cache.RunAsync);

        await Condition.HoldsAsync(() => cache.Get(Key("a"))?.Metadata.Uid == "second", "the second object", Cancelled);

        await Condition.HoldsAsync(() => changes.Count == 3, "three changes", Cancelled);
        Assert.Equal([(null, "first"), ("first", null), (null, "second")], changes);
    }

    [Fact]
    public async Task An_object_that_cannot_be_read_is_left_out_and_costs_no_other_anything()
    {
        const string broken = """{"metadata":{"name":"broken","namespace":"test","resourceVersion":"9"},"spec":"?"}""";
        await using ScriptedServer server = new(
            answer =>
                answer.SendListAsync("10", broken, ScriptedAnswer.Gauge("a", "9"), ScriptedAnswer.Gauge("b", "9")),
            async answer =>
            {
                await answer.StartWatchAsync(
                    ScriptedAnswer.Event("MODIFIED", broken.Replace("broken", "a", StringComparison.Ordinal)),
                    ScriptedAnswer.Event("ADDED", ScriptedAnswer.Gauge("c", "12"))
                );
                await answer.StayAsync();
            }
        );
        await using Runtime runtime = Runtime.On(server);
        ResourceCache<Gauge> cache = Start(runtime);

        await Condition.HoldsAsync(() => cache.Get(Key("c")) is not null, "the object after the broken one", Cancelled);

        Assert.Equal(
            ["b", "c"],
            cache.List().Select(gauge => gauge.Metadata.Name).Order(StringComparer.Ordinal),
            StringComparer.Ordinal
        );
        Assert.Equal(2, server.Requests.Count);
    }

    private static ResourceKey Key(string name) => new("test", name);

    [Fact]
    public async Task A_watch_that_is_open_and_silent_is_opened_again_from_where_it_was()
    {
        await using ScriptedServer server = new(
            answer => answer.SendListAsync("10"),
            StayingWatch,
            async answer =>
            {
                await answer.StartWatchAsync(ScriptedAnswer.Event("ADDED", ScriptedAnswer.Gauge("a", "11")));
                await answer.StayAsync();
            },
            StayingWatch
        );
        TestTime time = new();
        await using Runtime runtime = Runtime.On(server, time);
        ResourceCache<Gauge> cache = Start(runtime);
        await Condition.HoldsAsync(() => server.Requests.Count == 2, "the first watch", Cancelled);
        await Condition.HoldsAsync(() => cache.DisconnectedFor is null, "an open stream", Cancelled);

        // Shorter than the shortest time-out of a watch, which is five minutes.
        time.Advance(TimeSpan.FromSeconds(170));
        Assert.InRange(cache.SilentFor, TimeSpan.FromSeconds(170), TimeSpan.FromSeconds(179));
        Assert.Null(cache.DisconnectedFor);
        await Condition.HoldsAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return cache.Get(Key("a")) is not null;
            },
            "the object of the second watch",
            Cancelled
        );

        Assert.Equal(
            2,
            server.Requests.Count(request => request.Contains("resourceVersion=10", StringComparison.Ordinal))
        );
    }

    private static async Task StayingWatch(ScriptedAnswer answer)
    {
        await answer.StartWatchAsync();
        await answer.StayAsync();
    }

    private static ResourceCache<Gauge> Start(Runtime runtime)
    {
        ResourceCache<Gauge> cache = new(runtime.Client, Gauge.Kind, new(), runtime.Services);
        runtime.Run(cache.RunAsync);
        return cache;
    }

    /// <summary>Waits until something waits so, after the first waits that are known.</summary>
    private static async Task<TimeSpan> WaitAsync(TestTime time, int known, Func<TimeSpan, bool> so)
    {
        await Condition.HoldsAsync(() => time.Waits.Skip(known).Any(so), "a wait of the right length", Cancelled);
        return time.Waits.Skip(known).First(so);
    }

    private static Task AsksAsync(ScriptedServer server, string parameter) =>
        Condition.HoldsAsync(
            () => server.Requests.Any(request => request.Contains(parameter + "&", StringComparison.Ordinal)),
            $"a watch with {parameter}",
            Cancelled
        );
}

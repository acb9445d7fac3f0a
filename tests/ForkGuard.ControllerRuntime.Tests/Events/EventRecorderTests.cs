using System.Text;
using ForkGuard.Testing.Kubernetes;
using k8s;
using k8s.Models;

namespace ForkGuard.ControllerRuntime.Tests.Events;

/// <summary>Events as a person sees them, on the real server.</summary>
[Trait("Needs", "Machine")]
public sealed class EventRecorderTests(ControlPlane cluster)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_happens_again_is_counted_even_by_a_restarted_controller_and_describe_says_so()
    {
        string ns = await cluster.CreateNamespaceAsync("series");
        ObjectReference pod = await PodAsync(ns);
        await using (Runtime before = Runtime.On(cluster))
        {
            await RecordAsync(before, pod);
            await RecordAsync(before, pod);
        }

        await using Runtime restarted = Runtime.On(cluster);
        await RecordAsync(restarted, pod);

        Eventsv1Event recorded = Assert.Single(await EventsAsync(ns));
        Assert.Equal(3, recorded.Series.Count);
        Assert.True(recorded.Series.LastObservedTime > recorded.EventTime);
        Assert.Equal("Warning", recorded.Type);
        Assert.Equal("Tested", recorded.Reason);
        Assert.Equal("Looking", recorded.Action);
        Assert.Equal("spec.containers{redis}", recorded.Regarding.FieldPath);
        Assert.Equal("tests.forkguard.io/recorder", recorded.ReportingController);

        CommandAnswer described = await cluster.KubectlAsync("-n", ns, "describe", "pod", pod.Name);
        string line = Assert.Single(
            described.StandardOutput.Split('\n'),
            text => text.Contains("Tested", StringComparison.Ordinal)
        );
        Assert.Matches(
            @"Warning\s+Tested\s+\S+ \(x3 over \S+\)\s+tests.forkguard.io/recorder\s+spec.containers\{redis\}: Something was tested.",
            line
        );
        CommandAnswer listed = await cluster.KubectlAsync("-n", ns, "get", "events");
        Assert.Matches(@"Warning\s+Tested\s+pod/redis\s+Something was tested.", listed.StandardOutput);
    }

    [Fact]
    public async Task Describe_sorts_events_by_their_last_time_and_shows_ages_and_counts()
    {
        string ns = await cluster.CreateNamespaceAsync("sorted");
        ObjectReference pod = await PodAsync(ns);
        TestTime time = new();
        time.SetUtcNow(TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(50));
        await using Runtime runtime = Runtime.On(cluster, time);
        string[] reasons = ["Fourth", "First", "Third", "Second"];
        foreach (string reason in reasons)
        {
            await RecordAsync(runtime, pod, reason: reason);
            time.Advance(TimeSpan.FromMinutes(1));
        }

        foreach (string reason in reasons.Except(["First"], StringComparer.Ordinal).Reverse())
        {
            time.Advance(TimeSpan.FromMinutes(10));
            await RecordAsync(runtime, pod, reason: reason);
        }

        CommandAnswer described = await cluster.KubectlAsync("-n", ns, "describe", "pod", pod.Name);
        IEnumerable<string> lines = described
            .StandardOutput.Split('\n')
            .Where(line => line.Contains("tests.forkguard.io", StringComparison.Ordinal))
            .Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..^4]));
        Assert.Equal(
            [
                "Warning First 49m tests.forkguard.io/recorder",
                "Warning Second 36m (x2 over 47m) tests.forkguard.io/recorder",
                "Warning Third 26m (x2 over 48m) tests.forkguard.io/recorder",
                "Warning Fourth 16m (x2 over 50m) tests.forkguard.io/recorder",
            ],
            lines.Select(line => line.Replace(" spec.containers{redis}: Something", "", StringComparison.Ordinal)),
            StringComparer.Ordinal
        );
        CommandAnswer listed = await cluster.KubectlAsync(
            "-n",
            ns,
            "get",
            "events",
            "--sort-by=.lastTimestamp",
            "-o=jsonpath={range .items[*]}{.reason} {.count}{\"\\n\"}{end}"
        );
        Assert.Equal("First 1\nSecond 2\nThird 2\nFourth 2\n", listed.StandardOutput);
    }

    [Fact]
    public async Task Describe_shows_the_events_of_each_of_several_pods()
    {
        string ns = await cluster.CreateNamespaceAsync("several");
        await using Runtime runtime = Runtime.On(cluster);
        await RecordAsync(runtime, await PodAsync(ns, "redis-0"), reason: "First");
        await RecordAsync(runtime, await PodAsync(ns, "redis-1"), reason: "Second");

        CommandAnswer described = await cluster.KubectlAsync("-n", ns, "describe", "pods");
        string[] pods = $"\n{described.StandardOutput}".Split("\nName:", StringSplitOptions.RemoveEmptyEntries);
        Assert.Matches(
            @"redis-0\s[\s\S]*Warning\s+First\s",
            Assert.Single(pods, pod => pod.Contains("First", StringComparison.Ordinal))
        );
        Assert.Matches(
            @"redis-1\s[\s\S]*Warning\s+Second\s",
            Assert.Single(pods, pod => pod.Contains("Second", StringComparison.Ordinal))
        );
    }

    [Theory]
    [InlineData("other object")]
    [InlineData("other reason")]
    [InlineData("other action")]
    [InlineData("other key")]
    [InlineData("other related object")]
    public async Task Something_else_is_another_event(string difference)
    {
        string ns = await cluster.CreateNamespaceAsync("apart");
        ObjectReference pod = await PodAsync(ns);
        await using Runtime runtime = Runtime.On(cluster);
        await RecordAsync(runtime, pod);

        switch (difference)
        {
            case "other object":
                await RecordAsync(runtime, pod with { Uid = "another" });
                break;
            case "other reason":
                await RecordAsync(runtime, pod, reason: "Seen");
                break;
            case "other action":
                await RecordAsync(runtime, pod, action: "Waiting");
                break;
            case "other key":
                await RecordAsync(runtime, pod, key: "sidecar");
                break;
            default:
                await RecordAsync(runtime, pod, related: new("v1", "ConfigMap", ns, "config", "config-uid"));
                break;
        }

        Assert.Equal(2, (await EventsAsync(ns)).Count);
    }

    [Fact]
    public async Task An_event_that_ran_out_is_made_again()
    {
        string ns = await cluster.CreateNamespaceAsync("expired");
        ObjectReference pod = await PodAsync(ns);
        await using Runtime runtime = Runtime.On(cluster);
        await RecordAsync(runtime, pod);
        await RecordAsync(runtime, pod);
        Eventsv1Event first = Assert.Single(await EventsAsync(ns));
        // Between the moment it is found and the moment it is counted, as the server's clean-up may.
        bool isGone = false;
        runtime.Network.Answered = async request =>
        {
            if (request.Method == HttpMethod.Get && !isGone)
            {
                isGone = true;
                await cluster.Admin.EventsV1.DeleteNamespacedEventAsync(
                    first.Metadata.Name,
                    ns,
                    cancellationToken: Cancelled
                );
            }
        };

        await RecordAsync(runtime, pod);

        Eventsv1Event again = Assert.Single(await EventsAsync(ns));
        Assert.Equal(first.Metadata.Name, again.Metadata.Name);
        Assert.NotEqual(first.Metadata.Uid, again.Metadata.Uid, StringComparer.Ordinal);
        Assert.Null(again.Series);
    }

    [Fact]
    public async Task Two_that_count_at_the_same_time_both_count()
    {
        string ns = await cluster.CreateNamespaceAsync("together");
        ObjectReference pod = await PodAsync(ns);
        await using Runtime runtime = Runtime.On(cluster);
        await using Runtime other = Runtime.On(cluster);
        await RecordAsync(runtime, pod);
        bool isCounted = false;
        runtime.Network.Answered = async request =>
        {
            if (request.Method == HttpMethod.Get && !isCounted)
            {
                isCounted = true;
                await RecordAsync(other, pod);
            }
        };

        await RecordAsync(runtime, pod);

        Assert.Equal(3, Assert.Single(await EventsAsync(ns)).Series.Count);
    }

    [Fact]
    public async Task An_event_whose_answer_is_lost_is_not_counted_twice()
    {
        string ns = await cluster.CreateNamespaceAsync("lost");
        ObjectReference pod = await PodAsync(ns);
        await using Runtime runtime = Runtime.On(cluster);

        LoseOneAnswer(runtime.Network, HttpMethod.Post);
        await RecordAsync(runtime, pod);
        Assert.Null(Assert.Single(await EventsAsync(ns)).Series);

        LoseOneAnswer(runtime.Network, HttpMethod.Patch);
        await RecordAsync(runtime, pod);
        Assert.Equal(2, Assert.Single(await EventsAsync(ns)).Series.Count);
    }

    [Fact]
    public async Task An_event_on_what_has_no_namespace_goes_where_the_server_takes_it()
    {
        string uid = Guid.NewGuid().ToString();
        ObjectReference node = new("v1", "Node", "", $"node-{uid}", uid);
        await using Runtime runtime = Runtime.On(cluster);

        await RecordAsync(runtime, node);
        await RecordAsync(runtime, node);

        string ns = cluster.Version < new Version(1, 22) ? "kube-system" : "default";
        Eventsv1Event recorded = Assert.Single(await EventsAsync(ns), found => found.Regarding.Uid == uid);
        Assert.Equal(2, recorded.Series.Count);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("é")]
    [InlineData("語")]
    [InlineData("🐦")]
    public async Task A_long_note_is_cut_between_characters(string character)
    {
        string ns = await cluster.CreateNamespaceAsync("long");
        ObjectReference pod = await PodAsync(ns);
        await using Runtime runtime = Runtime.On(cluster);

        await RecordAsync(runtime, pod, note: string.Concat(Enumerable.Repeat(character, 1025)));

        string note = Assert.Single(await EventsAsync(ns)).Note;
        Assert.InRange(Encoding.UTF8.GetByteCount(note), 1021, 1024);
        Assert.EndsWith(character + "...", note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_longest_name_of_an_object_makes_a_name_that_the_server_takes()
    {
        string ns = await cluster.CreateNamespaceAsync("names");
        string longest = string.Join('.', Enumerable.Repeat("abcdefghi", 25)) + ".xyz";
        await using Runtime runtime = Runtime.On(cluster);

        await RecordAsync(runtime, new("v1", "Pod", ns, longest, "uid"));

        Assert.Equal(longest, Assert.Single(await EventsAsync(ns)).Regarding.Name);
    }

    private static void LoseOneAnswer(Network network, HttpMethod method)
    {
        bool isLost = false;
        network.Answered = request =>
        {
            if (isLost || request.Method != method)
            {
                return Task.CompletedTask;
            }

            isLost = true;
            throw new HttpRequestException("The test lost the answer.");
        };
    }

    private static Task RecordAsync(
        Runtime runtime,
        ObjectReference regarding,
        string reason = "Tested",
        string action = "Looking",
        string note = "Something was tested.",
        string key = "",
        ObjectReference? related = null
    ) =>
        new EventRecorder(
            runtime.Client,
            runtime.Pipeline,
            "tests.forkguard.io/recorder",
            "recorder-1",
            runtime.Services
        ).RecordAsync(regarding, related, EventType.Warning, reason, action, note, Cancelled, key);

    private async Task<IList<Eventsv1Event>> EventsAsync(string ns) =>
        (await cluster.Admin.EventsV1.ListNamespacedEventAsync(ns, cancellationToken: Cancelled)).Items;

    private async Task<ObjectReference> PodAsync(string ns, string name = "redis")
    {
        V1Pod pod = await cluster.Admin.CoreV1.CreateNamespacedPodAsync(
            new()
            {
                Metadata = new() { Name = name },
                Spec = new() { Containers = [new() { Name = "redis", Image = "redis" }] },
            },
            ns,
            cancellationToken: Cancelled
        );
        return new("v1", "Pod", ns, name, pod.Metadata.Uid, "spec.containers{redis}");
    }
}

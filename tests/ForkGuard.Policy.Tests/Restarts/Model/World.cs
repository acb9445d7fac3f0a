using System.Text;
using ForkGuard.Api;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Policy.Tests.Restarts.Model;

/// <summary>A pod of the workload in the model.</summary>
internal sealed record ModelPod(string Uid, bool IsEnding, bool IsReplacement);

/// <summary>An eviction that the API server did, and the decision that led to it.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="Time">When it was done, in <see cref="World.Elapsed"/>.</param>
/// <param name="Called">When its call was decided, in <see cref="World.Elapsed"/>.</param>
/// <param name="Decided">When the restart was decided, by the clock of the API server.</param>
internal sealed record Eviction(string Pod, TimeSpan Time, TimeSpan Called, DateTimeOffset Decided);

/// <summary>A restart that a watch wants.</summary>
internal sealed record Want(string Pod, string Watch);

/// <summary>A call that is on its way: when it was decided and until when it may arrive, in <see cref="World.Elapsed"/>.</summary>
internal sealed record LateCall(string Pod, DateTimeOffset Decided, TimeSpan Called)
{
    /// <summary>A term ends before the lease can be acquired again: a call later than that is never made.</summary>
    public TimeSpan Until => Called + World.Times.CallTimeout + World.Times.LeaseDuration;
}

/// <summary>
/// A model of the API server, one workload and the controllers, as one immutable value: each action gives another world. Time
/// is that of the API server.
/// </summary>
internal sealed record World
{
    internal static readonly TimeSpan Cooldown = TimeSpan.FromMinutes(60);

    internal static readonly RestartTimes Times = new()
    {
        CallTimeout = TimeSpan.FromMinutes(1),
        LeaseDuration = TimeSpan.FromMinutes(1),
        RepeatAfter = TimeSpan.FromMinutes(1),
    };

    public ForkRestartStatus? Record { get; init; }
    public int Version { get; init; }
    public required IReadOnlyList<ModelPod> Pods { get; init; }
    public DateTimeOffset Now { get; init; } = Given.Start;

    /// <summary>Time since the start, which a clock that is set back does not take away.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>The longer one of the two ticks.</summary>
    public TimeSpan Hour { get; init; } = TimeSpan.FromMinutes(61);

    /// <summary>How late a call may be done: later than the design assumes if a process was frozen right before it.</summary>
    public TimeSpan Lateness { get; init; } = Times.CallTimeout + Times.LeaseDuration;

    /// <summary>The clock of the API server was set back.</summary>
    public bool HasJumped { get; init; }

    /// <summary>The gates of the watch pass.</summary>
    public bool GatesPass { get; init; } = true;

    /// <summary>The count of the Lease, and the controller that holds it.</summary>
    public int Transitions { get; init; }
    public int Holder { get; init; }
    public required IReadOnlyList<ModelController> Controllers { get; init; }

    /// <summary>The uids of the watches that select the pods.</summary>
    public IReadOnlyList<string> Watches { get; init; } = ["watch-1"];
    public IReadOnlyList<Eviction> Evictions { get; init; } = [];
    public IReadOnlyList<LateCall> Late { get; init; } = [];

    /// <summary>Ticks, crashes, take-overs, lost answers and flips that are left: each bounds the search.</summary>
    public required Fuel Fuel { get; init; }

    internal static World Start(int pods, int controllers, Fuel fuel) =>
        new()
        {
            Pods = [.. Enumerable.Range(1, pods).Select(i => new ModelPod($"p{i}", IsEnding: false, false))],
            Controllers = [.. Enumerable.Range(0, controllers).Select(i => new ModelController(i, 0, 0, null))],
            Fuel = fuel,
        };

    internal World With(ModelController controller) =>
        this with
        {
            Controllers = [.. Controllers.Select(other => other.Number == controller.Number ? controller : other)],
        };

    internal bool MayArrive(LateCall call) => Elapsed <= call.Called + Lateness;

    /// <summary>The API server evicts a pod, if it is there and does not end already.</summary>
    internal World Evict(LateCall call) =>
        Pods.Any(pod => pod.Uid == call.Pod && !pod.IsEnding)
            ? this with
            {
                Pods = [.. Pods.Select(pod => pod.Uid == call.Pod ? pod with { IsEnding = true } : pod)],
                Evictions = [.. Evictions, new Eviction(call.Pod, Elapsed, call.Called, call.Decided)],
            }
            : this;

    /// <summary>The clock of the API server goes on, or is set.</summary>
    internal World After(TimeSpan time) =>
        this with
        {
            Now = Now + time,
            Elapsed = Elapsed + (time > TimeSpan.Zero ? time : TimeSpan.Zero),
            HasJumped = HasJumped || time < TimeSpan.Zero,
        };

    /// <summary>The kubelet ends a pod, and the workload replaces it.</summary>
    internal World Replace(string uid) =>
        this with
        {
            Pods = [.. Pods.Where(pod => pod.Uid != uid), new ModelPod($"{uid}'", IsEnding: false, true)],
        };

    /// <summary>The same text for worlds that go on in the same way.</summary>
    internal string Key()
    {
        var key = new StringBuilder(256).Append(KeyOf(Record)).Append(Now.Ticks).Append(GatesPass ? '+' : '-');
        key.Append(Transitions).Append(Holder);
        foreach (var pod in Pods)
        {
            key.Append(pod.Uid).Append(pod.IsEnding ? '!' : ' ');
        }

        foreach (var controller in Controllers)
        {
            key.Append('|').Append(controller.Key(Version));
        }

        foreach (var eviction in Evictions)
        {
            key.Append('|').Append(eviction.Pod).Append(eviction.Time.Ticks).Append(eviction.Called.Ticks);
            key.Append(eviction.Decided.Ticks);
        }

        foreach (var call in Late)
        {
            key.Append('|').Append(call.Pod).Append(call.Until.Ticks);
        }

        return key.Append(Fuel.Minutes)
            .Append(Fuel.Hours)
            .Append(Fuel.Crashes)
            .Append(Fuel.TakeOvers)
            .Append(Fuel.Losses)
            .Append(Fuel.Flips)
            .ToString();
    }

    /// <summary>All of a record that a step depends on.</summary>
    internal static string KeyOf(ForkRestartStatus? record)
    {
        if (record is null)
        {
            return "";
        }

        var key = new StringBuilder(128).Append(record.State?.Text);
        key.Append(record.Cooldown?.Since.Ticks)
            .Append(',')
            .Append(record.Cooldown?.Until.Ticks)
            .Append(record.Writer?.LeaseTransitions)
            .Append(record.Writer?.Identity);
        if (record.Restart is { } run)
        {
            key.Append(run.Pod.Uid)
                .Append(run.Watch.Uid)
                .Append(run.DecidedTime.Ticks)
                .Append(',')
                .Append(run.CalledTime?.Ticks)
                .Append(',');
            key.Append(run.LastCallTime?.Ticks).Append(run.CallCount).Append(',').Append(run.AcceptedTime?.Ticks);
            key.Append(run.Replacement?.Pod.Uid).Append(run.Replacement?.SeenTime.Ticks);
            key.Append(run.PreviousCooldown?.Since.Ticks).Append(',').Append(run.PreviousCooldown?.Until.Ticks);
            key.Append(string.Concat(run.Siblings));
        }

        foreach (var past in record.History ?? [])
        {
            key.Append('/').Append(past.Pod.Uid).Append(past.DecidedTime.Ticks).Append(past.Result.Text);
            key.Append(past.EndedTime.Ticks);
        }

        return key.Append(';').ToString();
    }
}

/// <summary>What may still happen.</summary>
internal readonly record struct Fuel(int Minutes, int Hours, int Crashes, int TakeOvers, int Losses, int Flips);

using ForkGuard.Faults.Tests.Faults;

namespace ForkGuard.Faults.Tests.Scenes;

/// <summary>A fault at one call of a restart: at the call of an index, or at the first call of a kind.</summary>
/// <param name="index">How many calls go before it; streams and the Lease do not count. Null for any.</param>
/// <param name="isMet">Whether the call is of the kind; null for any.</param>
/// <param name="act">The fault, instead of the call.</param>
internal sealed class CallPoint(
    int? index,
    Func<Call, bool>? isMet,
    Func<Call, CancellationToken, Task<HttpResponseMessage>> act
) : ICallFault
{
    private const int MaxCalls = 200;

    private readonly TaskCompletionSource _met = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count = -1;
    private int _isHit;

    /// <summary>
    /// A point at each call in turn, several at a time, until a story has no more calls; in a sample, at the call for the pod.
    /// </summary>
    internal static IEnumerable<IReadOnlyList<CallPoint>> Each(
        Func<Call, CancellationToken, Task<HttpResponseMessage>> act
    )
    {
        if (!Extent.IsWhole)
        {
            yield return [new CallPoint(null, Step.All["call"], act)];
            yield break;
        }

        for (var first = 0; first < MaxCalls; first += Extent.AtOnce * Extent.Stride)
        {
            CallPoint[] points =
            [
                .. Enumerable
                    .Range(0, Extent.AtOnce)
                    .Select(i => new CallPoint(first + (i * Extent.Stride), null, act)),
            ];
            yield return points;
            if (points.Any(point => point.Hit is null))
            {
                yield break;
            }
        }
    }

    /// <summary>A point before or after a step's first call.</summary>
    /// <param name="place">The step and the side.</param>
    /// <param name="act">What happens there; the call waits for it.</param>
    internal static CallPoint At(StepPlace place, Func<Call, Task> act) =>
        new(
            null,
            Step.All[place.Step],
            async (call, _) =>
            {
                if (!place.IsAfter)
                {
                    await act(call);
                    return await call.Forward();
                }

                var answer = await call.Forward();
                await act(call);
                return answer;
            }
        );

    /// <summary>The call that met the fault; null if none did.</summary>
    internal string? Hit { get; private set; }

    /// <summary>Ends when the fault is over.</summary>
    internal Task Met => _met.Task;

    /// <summary>Is called when the fault is over.</summary>
    internal Action? Ended { get; set; }

    public async Task<HttpResponseMessage> SendAsync(Call call, CancellationToken cancellationToken)
    {
        if (
            call.IsStream
            || call.IsOfLease
            || (index is { } at && Interlocked.Increment(ref _count) != at)
            || isMet?.Invoke(call) == false
            || Interlocked.Exchange(ref _isHit, 1) == 1
        )
        {
            return await call.Forward();
        }

        Hit = call.ToString();
        try
        {
            return await act(call, cancellationToken);
        }
        finally
        {
            Ended?.Invoke();
            _met.TrySetResult();
        }
    }
}

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
    private int _count = -1;
    private int _isHit;

    /// <summary>The call that met the fault; null if none did.</summary>
    internal string? Hit { get; private set; }

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
        }
    }
}

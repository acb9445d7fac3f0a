namespace ForkGuard.Faults.Tests.Scenes;

/// <summary>One instance of the controller, with its own identity at the API server.</summary>
internal sealed class Instance
{
    private readonly TaskCompletionSource _killed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TaskCompletionSource? _frozen;
    private volatile bool _wasFrozen;

    internal Task Killed => _killed.Task;

    internal bool IsDead => _killed.Task.IsCompleted;

    internal bool WasFrozen => _wasFrozen;

    /// <summary>As kill -9 does: no request leaves the process any more, and no answer reaches it.</summary>
    internal void Kill() => _killed.TrySetResult();

    /// <summary>As SIGSTOP does: requests and answers wait until <see cref="Thaw"/>.</summary>
    internal void Freeze() => _frozen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    internal void Thaw()
    {
        _wasFrozen = true;
        _frozen?.TrySetResult();
        _frozen = null;
    }

    /// <summary>A process that goes on sends what it was about to send, before it notices that its term is over.</summary>
    internal CancellationToken TokenOf(CancellationToken cancellationToken) =>
        _wasFrozen ? CancellationToken.None : cancellationToken;

    internal Task WhileFrozenAsync() => _frozen?.Task ?? Task.CompletedTask;
}

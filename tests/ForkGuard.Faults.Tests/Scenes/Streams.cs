using ForkGuard.Controller.Tests.Scenes;

namespace ForkGuard.Faults.Tests.Scenes;

/// <summary>The streams of the controller's caches, which a fault cuts or stalls; all other calls pass.</summary>
internal sealed class Streams : ICallFault
{
    private readonly Lock _guard = new();
    private readonly List<StalledStream> _open = [];
    private TaskCompletionSource? _stall;

    /// <summary>Meets all calls but streams; null for nothing.</summary>
    internal ICallFault? Others { get; set; }

    public async Task<HttpResponseMessage> SendAsync(Call call, CancellationToken cancellationToken)
    {
        if (!call.IsStream)
        {
            return Others is { } fault ? await fault.SendAsync(call, cancellationToken) : await call.Forward();
        }

        var answer = await call.Forward();
        if (answer.IsSuccessStatusCode)
        {
            var stream = new StalledStream(await answer.Content.ReadAsStreamAsync(cancellationToken), StalledAsync);
            lock (_guard)
            {
                _open.Add(stream);
            }

            answer.Content = new StreamContent(stream);
        }

        return answer;
    }

    /// <summary>Every open stream breaks off; new ones may be opened.</summary>
    internal void Cut()
    {
        lock (_guard)
        {
            _open.ForEach(stream => stream.Cut());
            _open.Clear();
        }
    }

    /// <summary>No stream delivers anything any more, and none ends.</summary>
    internal void Stall() => _stall = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    internal void GoOn()
    {
        _stall?.TrySetResult();
        _stall = null;
    }

    private Task StalledAsync(CancellationToken cancellationToken) =>
        _stall?.Task.WaitAsync(cancellationToken) ?? Task.CompletedTask;
}

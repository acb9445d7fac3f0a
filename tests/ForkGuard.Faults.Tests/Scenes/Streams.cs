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

/// <summary>Reads from another stream, unless that is stalled or cut.</summary>
internal sealed class StalledStream(Stream inner, Func<CancellationToken, Task> stalled) : Stream
{
    private readonly CancellationTokenSource _cut = new();

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    internal void Cut() => _cut.Cancel();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _cut.Token);
        try
        {
            var count = await inner.ReadAsync(buffer, either.Token);
            await stalled(either.Token);
            return count;
        }
        catch (OperationCanceledException cut) when (_cut.IsCancellationRequested)
        {
            throw new IOException("the stream was cut by the test", cut);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => inner.Flush();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            _cut.Dispose();
        }

        base.Dispose(disposing);
    }
}

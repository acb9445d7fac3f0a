namespace ForkGuard.Controller.Tests.Scenes;

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

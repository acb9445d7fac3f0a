using System.Buffers;

namespace ForkGuard.ControllerRuntime;

/// <summary>A watch that the server answered, and how long it may last and be silent at most.</summary>
internal sealed class OpenWatch(
    TimeProvider time,
    TimeSpan answerTimeout,
    TimeSpan maxIdle,
    CancellationToken cancellationToken
) : IDisposable
{
    private readonly CancellationTokenSource _late = new(answerTimeout, time);
    private CancellationTokenSource? _either;
    private HttpResponseMessage? _answer;
    private long _opened;
    private TimeSpan _lifetime;

    public async Task OpenAsync(Func<CancellationToken, Task<HttpResponseMessage>> send, TimeSpan lifetime)
    {
        _either = CancellationTokenSource.CreateLinkedTokenSource(_late.Token, cancellationToken);
        _answer = await send(_either.Token);
        _opened = time.GetTimestamp();
        _lifetime = lifetime;
        Extend();
    }

    /// <summary>The lines as they come.</summary>
    public async IAsyncEnumerable<ReadOnlySequence<byte>> LinesAsync()
    {
        await using Stream body = await _answer!.Content.ReadAsStreamAsync(_either!.Token);
        await foreach (ReadOnlySequence<byte> line in JsonLines.ReadAsync(body, _either.Token))
        {
            Extend();
            yield return line;
        }
    }

    private void Extend()
    {
        TimeSpan left = _lifetime - time.GetElapsedTime(_opened);
        _late.CancelAfter(
            left <= TimeSpan.Zero ? TimeSpan.Zero
            : left < maxIdle ? left
            : maxIdle
        );
    }

    public void Dispose()
    {
        _answer?.Dispose();
        _either?.Dispose();
        _late.Dispose();
    }
}

using System.Collections.Concurrent;

namespace ForkGuard.ControllerRuntime.Tests;

/// <summary>The way from one client to the server: it can be watched, cut, and used to do something in between.</summary>
internal sealed class Network : DelegatingHandler
{
    private readonly ConcurrentQueue<string> _requests = new();
    private volatile bool _isCut;
    private volatile bool _hangs;

    /// <summary>Method, path and query of every request, those that did not get through included.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    /// <summary>Called after an answer came, before the client sees it.</summary>
    public Func<HttpRequestMessage, Task>? Answered { get; set; }

    /// <summary>No request gets through any more.</summary>
    public void Cut() => _isCut = true;

    /// <summary>Requests get no answer, and no error either.</summary>
    public void Hang() => _hangs = true;

    public void Mend()
    {
        _isCut = false;
        _hangs = false;
    }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        _requests.Enqueue($"{request.Method} {Uri.UnescapeDataString(request.RequestUri!.PathAndQuery)}");
        if (_isCut)
        {
            throw new HttpRequestException("The test cut the network.");
        }

        if (_hangs)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        HttpResponseMessage answer = await base.SendAsync(request, cancellationToken);
        if (Answered is { } answered)
        {
            await answered(request);
        }

        return answer;
    }
}

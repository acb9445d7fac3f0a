namespace ForkGuard.Agent.Reporting;

/// <summary>
/// Reads an answer to its end, within the client's time limit, and no further than a megabyte: a report is much smaller,
/// and whatever answers in the API server's place must not fill the agent's memory or hold it up.
/// </summary>
internal sealed class AnswerLimit : DelegatingHandler
{
    private const int LongestAnswer = 1024 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var response = await base.SendAsync(request, cancellationToken);
        await response.Content.LoadIntoBufferAsync(LongestAnswer, cancellationToken);
        return response;
    }
}

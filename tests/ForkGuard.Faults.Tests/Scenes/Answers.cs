using System.Globalization;
using System.Net;
using System.Text;
using ForkGuard.Controller.Tests.Scenes;

namespace ForkGuard.Faults.Tests.Scenes;

/// <summary>What may become of one call.</summary>
internal static class Answers
{
    internal static readonly TimeSpan Delay = TimeSpan.FromSeconds(5);

    /// <summary>The faults of one call by name.</summary>
    internal static IReadOnlyDictionary<string, Func<Call, CancellationToken, Task<HttpResponseMessage>>> All { get; } =
        new Dictionary<string, Func<Call, CancellationToken, Task<HttpResponseMessage>>>(StringComparer.Ordinal)
        {
            ["500"] = (call, _) => Task.FromResult(Refusal(call, HttpStatusCode.InternalServerError)),
            ["503"] = (call, _) => Task.FromResult(Refusal(call, HttpStatusCode.ServiceUnavailable)),
            ["408"] = (call, _) => Task.FromResult(Refusal(call, HttpStatusCode.RequestTimeout)),
            ["409"] = (call, _) => Task.FromResult(Refusal(call, HttpStatusCode.Conflict)),
            ["429"] = (call, _) => Task.FromResult(Refusal(call, HttpStatusCode.TooManyRequests)),
            ["500 after the commit"] = async (call, _) =>
            {
                (await call.Forward()).Dispose();
                return Refusal(call, HttpStatusCode.InternalServerError);
            },
            ["connection reset after the commit"] = async (call, _) =>
            {
                (await call.Forward()).Dispose();
                throw new HttpRequestException("the connection was reset by the test");
            },
            ["call delayed by 5 s"] = async (call, token) =>
            {
                await Task.Delay(Delay, token);
                return await call.Forward();
            },
            ["answer delayed by 5 s"] = async (call, token) =>
            {
                var answer = await call.Forward();
                await Task.Delay(Delay, token);
                return answer;
            },
        };

    /// <summary>The controller is killed before the call leaves it.</summary>
    internal static Task<HttpResponseMessage> KillBefore(Call call)
    {
        call.Instance.Kill();
        throw new KilledException("killed by the test");
    }

    /// <summary>The controller is killed after the API server did what was asked.</summary>
    internal static async Task<HttpResponseMessage> KillAfter(Call call)
    {
        (await call.Forward()).Dispose();
        call.Instance.Kill();
        throw new KilledException("killed by the test");
    }

    private static HttpResponseMessage Refusal(Call call, HttpStatusCode code)
    {
        var number = ((int)code).ToString(CultureInfo.InvariantCulture);
        var answer = new HttpResponseMessage(code)
        {
            RequestMessage = call.Request,
            Content = new StringContent(
                $$"""{"kind":"Status","apiVersion":"v1","status":"Failure","message":"made by the test","code":{{number}}}""",
                Encoding.UTF8,
                "application/json"
            ),
        };
        if (code is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
        {
            answer.Headers.Add("Retry-After", "1");
        }

        return answer;
    }
}

using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Polly.Timeout;

namespace ForkGuard.ControllerRuntime.Tests.Api;

/// <summary>Which calls are tried again, and when.</summary>
public sealed class ApiPipelineTests
{
    private static readonly Func<ScriptedAnswer, Task> Success = answer =>
        answer.SendAsync("200 OK", """{"kind":"PodList","metadata":{},"items":[]}""", "Content-Type: application/json");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("429 Too Many Requests")]
    [InlineData("500 Internal Server Error")]
    [InlineData("502 Bad Gateway")]
    [InlineData("503 Service Unavailable")]
    [InlineData("504 Gateway Timeout")]
    public async Task A_server_that_is_busy_is_asked_again(string status)
    {
        await using ScriptedServer server = new(
            answer => answer.SendAsync(status, ""),
            answer => answer.SendAsync(status, ""),
            Success
        );

        await ListAsync(server, new ApiPipeline(TimeProvider.System, Quick));

        Assert.Equal(3, server.Requests.Count);
    }

    [Theory]
    [InlineData("400 Bad Request", HttpStatusCode.BadRequest)]
    [InlineData("403 Forbidden", HttpStatusCode.Forbidden)]
    [InlineData("404 Not Found", HttpStatusCode.NotFound)]
    [InlineData("409 Conflict", HttpStatusCode.Conflict)]
    [InlineData("422 Unprocessable Entity", HttpStatusCode.UnprocessableEntity)]
    public async Task A_refusal_is_final(string status, HttpStatusCode code)
    {
        await using ScriptedServer server = new(answer => answer.SendAsync(status, ""));

        HttpOperationException refused = await Assert.ThrowsAsync<HttpOperationException>(() =>
            ListAsync(server, new ApiPipeline(TimeProvider.System, Quick))
        );

        Assert.Equal(code, refused.Response.StatusCode);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_connection_that_breaks_is_made_again()
    {
        await using ScriptedServer server = new(
            answer =>
            {
                answer.Reset();
                return Task.CompletedTask;
            },
            Success
        );

        await ListAsync(server, new ApiPipeline(TimeProvider.System, Quick));

        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_server_that_says_when_to_come_back_is_asked_then()
    {
        await using ScriptedServer server = new(
            answer => answer.SendAsync("429 Too Many Requests", "", "Retry-After: 7"),
            Success
        );
        TestTime time = new();
        Task call = ListAsync(server, new ApiPipeline(time));

        await ForkGuard.Testing.Condition.HoldsAsync(
            () => time.Waits.Contains(TimeSpan.FromSeconds(7)),
            "a wait as long as the server asked for",
            Cancelled
        );
        Assert.Single(server.Requests);
        time.Advance(TimeSpan.FromSeconds(7));

        await call;
    }

    [Fact]
    public async Task A_try_without_an_answer_is_given_up_and_another_one_made()
    {
        await using ScriptedServer server = new(answer => answer.StayAsync(), Success);

        await ListAsync(
            server,
            new ApiPipeline(TimeProvider.System, Quick with { TryTimeout = TimeSpan.FromMilliseconds(500) })
        );

        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task All_tries_together_end_in_time()
    {
        await using ScriptedServer server = new(answer => answer.StayAsync());

        await Assert.ThrowsAsync<TimeoutRejectedException>(() =>
            ListAsync(
                server,
                new ApiPipeline(TimeProvider.System, Quick with { TotalTimeout = TimeSpan.FromMilliseconds(500) })
            )
        );
    }

    private static ApiPipelineOptions Quick => new() { Delay = TimeSpan.FromMilliseconds(1) };

    private static async Task<V1PodList> ListAsync(ScriptedServer server, ApiPipeline pipeline)
    {
        using ApiClient client = new(new KubernetesClientConfiguration { Host = server.Address });
        return await pipeline.ExecuteAsync(
            token => client.CoreV1.ListNamespacedPodAsync("default", cancellationToken: token),
            Cancelled
        );
    }
}

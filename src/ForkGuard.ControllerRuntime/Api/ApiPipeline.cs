using k8s.Autorest;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace ForkGuard.ControllerRuntime;

/// <summary>How long a call may take, and how often it is tried.</summary>
public sealed record ApiPipelineOptions
{
    /// <summary>One try; default 15 s.</summary>
    public TimeSpan TryTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>All tries and the waits between them; default 60 s.</summary>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Tries after the first one; default 5.</summary>
    public int Retries { get; init; } = 5;

    /// <summary>The wait before the first retry, doubled for each one that follows, with jitter; default 200 ms.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(200);
}

/// <summary>
/// Tries a call again when the server was busy or away: 429 (after its Retry-After), 500, 502, 503, 504, no connection, no
/// answer in time. Only for calls that may happen twice.
/// </summary>
public sealed class ApiPipeline
{
    private readonly ResiliencePipeline _pipeline;

    public ApiPipeline(TimeProvider time, ApiPipelineOptions? options = null)
    {
        options ??= new();
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddTimeout(options.TotalTimeout)
            .AddRetry(
                new RetryStrategyOptions
                {
                    MaxRetryAttempts = options.Retries,
                    Delay = options.Delay,
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                    ShouldHandle = static tried =>
                        ValueTask.FromResult(ApiFailure.IsTransient(tried.Outcome.Exception)),
                    DelayGenerator = static tried => ValueTask.FromResult(RetryAfterHeader.Of(tried.Outcome.Exception)),
                }
            )
            .AddTimeout(options.TryTimeout)
            .Build();
    }

    /// <summary>Makes the call.</summary>
    /// <exception cref="HttpOperationException">The server refused it, or was still busy at the last try.</exception>
    /// <exception cref="HttpRequestException">There was no connection at the last try.</exception>
    /// <exception cref="TimeoutRejectedException">There was no answer in time.</exception>
    public Task<TResult> ExecuteAsync<TResult>(
        Func<CancellationToken, Task<TResult>> call,
        CancellationToken cancellationToken
    ) => _pipeline.ExecuteAsync(static async (call, token) => await call(token), call, cancellationToken).AsTask();
}

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ForkGuard.ControllerRuntime.Tests.Controllers;

/// <summary>A loop in a host.</summary>
[Collection(nameof(LoopServiceTests))]
[CollectionDefinition(nameof(LoopServiceTests), DisableParallelization = true)]
public sealed class LoopServiceTests : IDisposable
{
    private readonly int _exitCode = Environment.ExitCode;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>The exit code is this program's own, too.</summary>
    public void Dispose() => Environment.ExitCode = _exitCode;

    [Fact]
    public async Task A_loop_that_fails_stops_the_host_and_the_process_ends_with_an_exit_code_of_failure()
    {
        Environment.ExitCode = 0;

        await RunHostAsync(_ => throw new InvalidOperationException("The test's own failure."));

        Assert.Equal(LoopService.FailedExitCode, Environment.ExitCode);
    }

    [Fact]
    public async Task A_loop_that_ends_because_the_host_stops_is_no_failure()
    {
        Environment.ExitCode = 0;

        await RunHostAsync(
            token => Task.Delay(Timeout.InfiniteTimeSpan, token),
            lifetime => lifetime.ApplicationStarted.Register(lifetime.StopApplication)
        );

        Assert.Equal(0, Environment.ExitCode);
    }

    private static async Task RunHostAsync(
        Func<CancellationToken, Task> loop,
        Action<IHostApplicationLifetime>? prepare = null
    )
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddHostedService(services => new LoopService(
            "test",
            loop,
            services.GetRequiredService<IHostApplicationLifetime>(),
            services.GetRequiredService<ILogger<LoopService>>()
        ));
        using IHost host = builder.Build();
        prepare?.Invoke(host.Services.GetRequiredService<IHostApplicationLifetime>());
        await host.RunAsync(Cancelled);
    }
}

using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Restarts;
using ForkGuard.ControllerRuntime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;

namespace ForkGuard.Controller.Hosting;

/// <summary>The process around the controller: log, health, metrics, signals.</summary>
internal static class ControllerHost
{
    private const int UsageExitCode = 2;
    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Runs until a signal or until leadership is lost.</summary>
    /// <returns>0 after a signal, 1 if it cannot go on, 2 if the settings are wrong.</returns>
    internal static async Task<int> RunAsync(Settings settings, CancellationToken cancellationToken)
    {
        try
        {
            await using var app = Build(settings);
            await app.RunAsync(cancellationToken);
            return Environment.ExitCode;
        }
        catch (SettingsException wrong)
        {
            await Console.Error.WriteLineAsync($"forkguard-controller: {wrong.Message}");
            return UsageExitCode;
        }
    }

    private static WebApplication Build(Settings settings)
    {
        var options = new ControllerOptions
        {
            Lease = new LeaderElectionOptions
            {
                Namespace = ClusterAccess.NamespaceOf(settings),
                Name = ControllerOptions.LeaseName,
            },
            Restarts = new RestartOptions { Budget = settings.Budget, DryRun = settings.DryRun },
        };
        _ = ClusterAccess.Configuration(settings);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(server => server.Listen(settings.Listen));
        builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<RuntimeMetrics>();
        builder.Services.AddSingleton<ControllerTelemetry>();
        builder.Services.AddSingleton(static services => new HealthRegistry(
            services.GetRequiredService<TimeProvider>()
        ));
        builder.Services.AddSingleton<RuntimeServices>();
        builder.Services.AddSingleton(services => new ForkGuardController(
            () => ClusterAccess.Configuration(settings),
            options,
            services.GetRequiredService<RuntimeServices>(),
            services.GetRequiredService<ControllerTelemetry>()
        ));
        builder.Services.AddHostedService(static services => new LoopService(
            "controller",
            services.GetRequiredService<ForkGuardController>().RunAsync,
            services.GetRequiredService<IHostApplicationLifetime>(),
            services.GetRequiredService<ILogger<LoopService>>()
        ));
        AddMetrics(builder.Services);

        var app = builder.Build();
        var health = app.Services.GetRequiredService<HealthRegistry>();
        app.MapGet("/healthz", () => Answer(health.Liveness()));
        app.MapGet("/readyz", () => Answer(health.Readiness()));
        app.MapPrometheusScrapingEndpoint();
        return app;
    }

    private static void AddMetrics(IServiceCollection services) =>
        services
            .AddOpenTelemetry()
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(RuntimeMetrics.MeterName, ControllerTelemetry.MeterName).AddPrometheusExporter();
                if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable(OtlpEndpoint)))
                {
                    metrics.AddOtlpExporter();
                }
            });

    private static IResult Answer(HealthAnswer answer) =>
        Results.Text(
            answer.Text + "\n",
            statusCode: answer.Ok ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable
        );
}

using System.Net;
using ForkGuard.Controller.Cluster;
using ForkGuard.Controller.Restarts;
using ForkGuard.ControllerRuntime;
using ForkGuard.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ForkGuard.Controller.Hosting;

/// <summary>The process around the controller: log, health, metrics, signals.</summary>
internal static class ControllerHost
{
    /// <summary>Invalid options or settings.</summary>
    internal const int UsageExitCode = 2;

    /// <summary>An unexpected error.</summary>
    internal const int ErrorExitCode = 1;

    private const string TimestampFormat = "yyyy-MM-ddTHH:mm:ssZ";

    private static readonly string[] ReadMethods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Runs until a signal or until leadership is lost.</summary>
    /// <returns>0 after a signal, 1 if it cannot go on, 2 if the settings are wrong.</returns>
    internal static async Task<int> RunAsync(Settings settings, CancellationToken cancellationToken)
    {
        try
        {
            var identity = new ServiceIdentity("forkguard-controller", EnvironmentText.Read("NODE_NAME"));
            // Before the meters: counters then exist from 0 on.
            using var metrics = new MetricsExport(identity, RuntimeMetrics.MeterName, ControllerTelemetry.MeterName);
            using var traces = new TracesExport(identity, ControllerTracing.SourceName);
            await using var app = Build(settings, metrics);
            await app.RunAsync(cancellationToken);
            return Environment.ExitCode;
        }
        catch (SettingsException wrong)
        {
            StandardError.WriteLine(wrong.Message);
            return UsageExitCode;
        }
    }

    private static WebApplication Build(Settings settings, MetricsExport metrics)
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
        builder.WebHost.ConfigureKestrel(server => Listen(server, settings.Listen));
        AddLog(builder.Logging.ClearProviders(), settings.IsJsonLog);
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

        var app = builder.Build();
        var health = app.Services.GetRequiredService<HealthRegistry>();
        app.MapMethods("/healthz", ReadMethods, () => Answer(health.Liveness()));
        app.MapMethods("/readyz", ReadMethods, () => Answer(health.Readiness()));
        app.MapMethods("/metrics", ReadMethods, () => Results.Bytes(metrics.Scrape(), PrometheusText.ContentType));
        return app;
    }

    private static void AddLog(ILoggingBuilder logging, bool isJson)
    {
        if (isJson)
        {
            logging.AddJsonConsole(console =>
            {
                console.UseUtcTimestamp = true;
                console.TimestampFormat = TimestampFormat;
            });
        }
        else
        {
            logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = TimestampFormat + " ";
            });
        }
    }

    // On a machine without IPv6, all addresses are those of IPv4.
    private static void Listen(KestrelServerOptions server, IPEndPoint endpoint)
    {
        if (endpoint.Address.Equals(IPAddress.IPv6Any))
        {
            server.ListenAnyIP(endpoint.Port);
        }
        else
        {
            server.Listen(endpoint);
        }
    }

    private static IResult Answer(HealthAnswer answer) =>
        Results.Text(
            answer.Text + "\n",
            statusCode: answer.Ok ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable
        );
}

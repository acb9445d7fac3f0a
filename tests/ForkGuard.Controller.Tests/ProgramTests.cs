using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using CliWrap;
using CliWrap.Buffered;
using ForkGuard.Controller.Hosting;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Testing.Kubernetes;
using k8s;

namespace ForkGuard.Controller.Tests;

/// <summary>The executable, as a pod runs it.</summary>
[Collection(Stages.OfWatches)]
[Trait("Needs", "Machine")]
public sealed class ProgramTests(ControlPlane cluster)
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "forkguard-controller");

    [Fact]
    public async Task It_serves_health_and_metrics_does_its_work_and_ends_in_good_order()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var port = LoopbackPort.FindFree();
        using var stop = new CancellationTokenSource();
        using var kill = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var running = Cli.Wrap(Program)
            .WithArguments([
                "--kubeconfig",
                cluster.Kubeconfig,
                "--namespace",
                stage.Namespace,
                "--listen",
                $"127.0.0.1:{port}",
            ])
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(System.Text.Encoding.UTF8, System.Text.Encoding.UTF8, kill.Token, stop.Token);
        await stage.ReportAsync();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await Condition.HoldsAsync(
            async token => (await http.GetAsync("/readyz", token)).StatusCode == HttpStatusCode.OK,
            "readiness",
            cancellationToken: Stage.Cancelled
        );

        Assert.Equal("ok\n", await http.GetStringAsync("/healthz", Stage.Cancelled));
        var metrics = await http.GetStringAsync("/metrics", Stage.Cancelled);
        foreach (
            var name in new[]
            {
                "forkguard_leader",
                "forkguard_queue_depth",
                "forkguard_reconcile_duration_seconds_count",
                "forkguard_nodes_silent",
            }
        )
        {
            Assert.Contains(name, metrics, StringComparison.Ordinal);
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.Task);
        var lease = await cluster.Admin.CoordinationV1.ReadNamespacedLeaseAsync(
            ControllerOptions.LeaseName,
            stage.Namespace,
            cancellationToken: Stage.Cancelled
        );
        Assert.True(string.IsNullOrEmpty(lease.Spec.HolderIdentity), "the lease is still held");
    }

    [Fact]
    public async Task It_pushes_metrics_and_the_trace_of_an_eviction_and_logs_in_JSON()
    {
        await using var stage = await Stage.CreateAsync(cluster);
        var address = $"http://127.0.0.1:{LoopbackPort.FindFree()}/";
        using var collector = new HttpListener();
        collector.Prefixes.Add(address);
        collector.Start();
        var log = new ConcurrentQueue<string>();
        using var kill = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var running = Cli.Wrap(Program)
            .WithArguments([
                "--kubeconfig",
                cluster.Kubeconfig,
                "--namespace",
                stage.Namespace,
                "--listen",
                $"127.0.0.1:{LoopbackPort.FindFree()}",
                "--log-format",
                "json",
            ])
            .WithStandardOutputPipe(PipeTarget.ToDelegate(log.Enqueue))
            .WithEnvironmentVariables(variables =>
                variables
                    .Set("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", $"{address}v1/traces")
                    .Set("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", $"{address}v1/metrics")
                    .Set("OTEL_METRIC_EXPORT_INTERVAL", "500")
                    .Set("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
                    .Set("OTEL_BSP_SCHEDULE_DELAY", "200")
                    .Set("NODE_NAME", "node-of-the-controller")
            )
            .WithValidation(CommandResultValidation.None)
            .ExecuteAsync(kill.Token);
        var pods = await stage.DeployAsync();
        await stage.WatchAsync(spec => Workloads.Restarting(spec));
        await using var agent = stage.KeepReporting(Workloads.Process(pods[0], 95));

        var (traces, metrics) = ("", "");
        while (
            !traces.Contains("restart pod", StringComparison.Ordinal)
            || !metrics.Contains("forkguard.leader", StringComparison.Ordinal)
        )
        {
            var push = await collector.GetContextAsync().WaitAsync(TimeSpan.FromMinutes(1), Stage.Cancelled);
            using var bytes = new MemoryStream();
            await push.Request.InputStream.CopyToAsync(bytes, Stage.Cancelled);
            push.Response.Close();
            var body = System.Text.Encoding.Latin1.GetString(bytes.ToArray());
            switch (push.Request.RawUrl)
            {
                case "/v1/traces":
                    traces += body;
                    break;
                case "/v1/metrics":
                    metrics += body;
                    break;
                default:
                    Assert.Fail($"a push to {push.Request.RawUrl}");
                    break;
            }
        }

        string[] resource = ["service.name", "forkguard-controller", "service.version", "node-of-the-controller"];
        Assert.All(resource, text => Assert.Contains(text, metrics, StringComparison.Ordinal));
        Assert.All(
            resource.Concat(["POST pods/eviction", "http.request.method", pods[0].Metadata.Name]),
            text => Assert.Contains(text, traces, StringComparison.Ordinal)
        );
        Assert.NotEmpty(log);
        Assert.All(log, line => Assert.NotNull(JsonNode.Parse(line)!["Message"]));
        await kill.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.Task);
    }

    [Theory]
    [InlineData("--listen is 'nowhere' but must be an address and a port", "--listen", "nowhere")]
    [InlineData("'--no-such-flag' is not an option", "--no-such-flag")]
    [InlineData("'--kubeconfg' is not an option; did you mean --kubeconfig?", "--kubeconfg", "/nowhere")]
    [InlineData("--log-format is 'xml' but must be text or json", "--log-format", "xml")]
    [InlineData("must be a whole number from 1 on", "--max-restarts-per-node", "0")]
    [InlineData("--kubeconfig: ", "--kubeconfig", "/nowhere/kubeconfig", "--namespace", "default")]
    public async Task What_is_wrong_with_the_command_line_is_told(string said, params string[] arguments)
    {
        var ended = await Cli.Wrap(Program)
            .WithArguments(arguments)
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(Stage.Cancelled);

        Assert.Equal((2, ""), (ended.ExitCode, ended.StandardOutput));
        Assert.Contains(said, ended.StandardError, StringComparison.Ordinal);
        Assert.InRange(ended.StandardError.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, 1, 2);
    }

    [Theory]
    [InlineData("/no/such/file", "not found at /no/such/file")]
    [InlineData("FOLDER/other", "no such context")]
    public async Task KUBECONFIG_takes_the_place_of_the_file_in_the_home_folder(string paths, string expected)
    {
        const string context = "apiVersion: v1\nkind: Config\ncurrent-context: ";
        var folder = Directory.CreateTempSubdirectory("forkguard-kubeconfig-");
        try
        {
            var home = folder.CreateSubdirectory(".kube");
            await File.WriteAllTextAsync(
                Path.Combine(home.FullName, "config"),
                context + "of the home folder\n",
                Stage.Cancelled
            );
            await File.WriteAllTextAsync(
                Path.Combine(folder.FullName, "other"),
                context + "no such context\n",
                Stage.Cancelled
            );
            var variable = paths.Replace("FOLDER", folder.FullName, StringComparison.Ordinal);
            var ended = await Cli.Wrap(Program)
                .WithArguments(["--namespace", "default"])
                .WithEnvironmentVariables(set => set.Set("HOME", folder.FullName).Set("KUBECONFIG", variable))
                .WithValidation(CommandResultValidation.None)
                .ExecuteBufferedAsync(Stage.Cancelled);

            Assert.Equal((2, ""), (ended.ExitCode, ended.StandardOutput));
            Assert.Contains($"KUBECONFIG is '{variable}': ", ended.StandardError, StringComparison.Ordinal);
            Assert.Contains(expected, ended.StandardError, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("2>&-", "--no-such-flag", 2)]
    [InlineData("2>/dev/full", "--no-such-flag", 2)]
    [InlineData("2>/dev/full", "--kubeconfig /nowhere/kubeconfig --namespace default", 2)]
    [InlineData(">/dev/full", "--help", 1)]
    [InlineData(">&- 2>&-", "--help", 1)]
    public async Task Output_that_is_closed_or_full_does_not_change_the_exit_code(
        string outputs,
        string arguments,
        int code
    )
    {
        var ended = await Cli.Wrap("sh")
            .WithArguments(["-c", $"\"$0\" {arguments} {outputs}", Program])
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(Stage.Cancelled);

        Assert.Equal(code, ended.ExitCode);
        Assert.DoesNotContain(" at ", ended.StandardError, StringComparison.Ordinal);
    }
}

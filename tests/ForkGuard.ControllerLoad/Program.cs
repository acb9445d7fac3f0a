using System.Diagnostics;
using ForkGuard.ControllerLoad;
using ForkGuard.Testing;
using ForkGuard.Testing.Kubernetes;

// Heartbeats of all agents in five minutes, as design and agent have it.
TimeSpan heartbeat = TimeSpan.FromMinutes(5);
const int Decisions = 100;
TimeSpan betweenDecisions = TimeSpan.FromMilliseconds(500);

ClusterSize size = ClusterSize.From(args);
await using ControlPlane cluster = new();
await cluster.InitializeAsync();
await cluster.ApplyCrdsAsync(Path.Combine(RepositoryPaths.Root, "config", "crd"));

Say($"make {size.Nodes} nodes, {size.Pods} pods, {size.Watches} watches");
Population population = new(cluster.Admin, size);
await population.CreateAsync();

Say("start the controller, which makes the reports");
long started = Stopwatch.GetTimestamp();
using ControllerProcess controller = new(cluster.Kubeconfig);
await Condition.HoldsAsync(controller.IsReadyAsync, "readiness", TimeSpan.FromMinutes(5));
TimeSpan ready = Stopwatch.GetElapsedTime(started);
await using EventArrivals arrivals = new(cluster.Admin);
Agents agents = new(cluster.Admin, size, population);
await Condition.HoldsAsync(async _ => await HasReportAsync(size.Nodes - 1), "reports", TimeSpan.FromMinutes(10));

Say("every agent reports twice");
await Population.EachAsync(size.Nodes, ReportPatientlyAsync);
await Population.EachAsync(size.Nodes, agents.ReportAsync);
double storm = controller.Mebibytes("VmHWM");

Say($"{Decisions} decisions among the heartbeats of a quiet cluster");
using CancellationTokenSource quiet = new();
Task heartbeats = BeatAsync(quiet.Token);
TimeSpan before = controller.Cpu;
long began = Stopwatch.GetTimestamp();
List<double> seconds = [];
for (int i = 0; i < Decisions; i++)
{
    int pod = i * (size.Pods / Decisions);
    await agents.ReportAtRiskAsync(pod);
    long reported = Stopwatch.GetTimestamp();
    seconds.Add(Stopwatch.GetElapsedTime(reported, await arrivals.FirstAsync(population.PodUids[pod])).TotalSeconds);
    await Task.Delay(betweenDecisions);
}

TimeSpan cpu = controller.Cpu - before;
TimeSpan wall = Stopwatch.GetElapsedTime(began);
double resident = controller.Mebibytes("VmRSS");
double files = controller.Mebibytes("RssFile");
await quiet.CancelAsync();
await heartbeats;
seconds.Sort();

Console.WriteLine(
    $"""
    | what | measured |
    |---|---|
    | reports, watches, pods | {size.Nodes}, {size.Watches}, {size.Pods} |
    | from start to ready | {ready.TotalSeconds:F1} s |
    | resident at the end | {resident:F0} MiB, {files:F0} MiB of it files |
    | resident at its peak | {controller.Mebibytes(
        "VmHWM"
    ):F0} MiB; {storm:F0} MiB after every node had reported at once |
    | a decision after the report: median, worst of {Decisions} | {seconds[Decisions / 2]:F2} s, {seconds[^1]:F2} s |
    | CPU meanwhile | {cpu / wall * 100:F1} % of one core |
    """
);
return;

void Say(string what) => Console.Error.WriteLine($"==> {what}");

async Task<bool> HasReportAsync(int node)
{
    try
    {
        await agents.ReportAsync(node);
        return true;
    }
    catch (k8s.Autorest.HttpOperationException missing)
        when (missing.Response.StatusCode == System.Net.HttpStatusCode.NotFound)
    {
        return false;
    }
}

Task ReportPatientlyAsync(int node) =>
    Condition.HoldsAsync(async _ => await HasReportAsync(node), $"a report of node {node}", TimeSpan.FromMinutes(10));

async Task BeatAsync(CancellationToken cancellationToken)
{
    using PeriodicTimer timer = new(heartbeat / size.Nodes);
    int node = 0;
    try
    {
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            await agents.ReportAsync(node++ % size.Nodes);
        }
    }
    catch (OperationCanceledException)
    {
        // Cancelled.
    }
}

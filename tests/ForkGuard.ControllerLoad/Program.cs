using System.Diagnostics;
using ForkGuard.ControllerLoad;
using ForkGuard.Testing;
using ForkGuard.Testing.Kubernetes;

// Heartbeats of all agents in five minutes, as design and agent have it.
TimeSpan heartbeat = TimeSpan.FromMinutes(5);
const int Decisions = 100;

// docs/performance.md has the goals with what they are for.
const double ControllerMebibytes = 256;
const double DecisionSeconds = 2;
const double WritesPerSecond = 20;
const double AgentMebibytes = 32;
const double AgentAnonymousMebibytes = 12;
const double AgentCpuPercent = 0.1;
const int AgentProcesses = 150;
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
double storm = controller.Measured.Mebibytes("VmHWM");

Say("start the agent of this machine");
using AgentProcess agent = new(cluster.Kubeconfig, ClusterSize.NodeName(size.Nodes - 1));
await Condition.HoldsAsync(IsReportedAsync, "the agent's first report", TimeSpan.FromMinutes(2));
using IdleProcesses idle = new(AgentProcesses - (int)(await agent.ProcessesAsync() ?? 0));
double writtenBefore = await agent.WrittenAsync();
TimeSpan agentBefore = agent.Measured.Cpu;
long agentBegan = Stopwatch.GetTimestamp();

Say($"{Decisions} decisions among the heartbeats of a quiet cluster");
using CancellationTokenSource quiet = new();
Task heartbeats = BeatAsync(quiet.Token);
TimeSpan before = controller.Measured.Cpu;
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

TimeSpan cpu = controller.Measured.Cpu - before;
TimeSpan wall = Stopwatch.GetElapsedTime(began);
double resident = controller.Measured.Mebibytes("VmRSS");
double files = controller.Measured.Mebibytes("RssFile");
seconds.Sort();

Say("let the agent go on for as long as its heartbeats need");
await Task.Delay(TimeSpan.FromTicks(Math.Max(0, (heartbeat - Stopwatch.GetElapsedTime(agentBegan)).Ticks)));
TimeSpan agentWall = Stopwatch.GetElapsedTime(agentBegan);
double agentCpu = (agent.Measured.Cpu - agentBefore) / agentWall * 100;
double processes = await agent.ProcessesAsync() ?? 0;
double writes = (await agent.WrittenAsync() - writtenBefore) / agentWall.TotalSeconds * size.Nodes;
await quiet.CancelAsync();
await heartbeats;

Goals goals = new();
Console.WriteLine(
    $"""
    | what | goal | measured | |
    |---|---|---|---|
    | reports, watches, pods | | {size.Nodes}, {size.Watches}, {size.Pods} | |
    | from start to ready | | {ready.TotalSeconds:F1} s | |
    | controller: resident at the end | at most {ControllerMebibytes} MiB | {resident:F0} MiB, {files:F0} MiB of it files | {goals.Of(resident, ControllerMebibytes)} |
    | ... at its peak | | {controller.Measured.Mebibytes(
        "VmHWM"
    ):F0} MiB; {storm:F0} MiB after every node had reported at once | |
    | a decision after the report: worst, median of {Decisions} | within {DecisionSeconds} s | {seconds[^1]:F2} s, {seconds[Decisions / 2]:F2} s | {goals.Of(seconds[^1], DecisionSeconds)} |
    | CPU meanwhile | | {cpu / wall * 100:F1} % of one core | |
    | agent: resident | at most {AgentMebibytes} MiB | {agent.Measured.Mebibytes("VmRSS"):F1} MiB | {goals.Of(agent.Measured.Mebibytes("VmRSS"), AgentMebibytes)} |
    | ... anonymous of it | at most {AgentAnonymousMebibytes} MiB | {agent.Measured.Mebibytes("RssAnon"):F1} MiB | {goals.Of(agent.Measured.Mebibytes("RssAnon"), AgentAnonymousMebibytes)} |
    | ... CPU, with {processes} processes on the node | at most {AgentCpuPercent} % of a core | {agentCpu:F3} % | {goals.Of(agentCpu, AgentCpuPercent)} |
    | writes a second of {size.Nodes} such agents | at most {WritesPerSecond} | {writes:F1} | {goals.Of(writes, WritesPerSecond)} |
    """
);
return goals.AreMet ? 0 : 1;

async Task<bool> IsReportedAsync(CancellationToken cancellationToken)
{
    try
    {
        return await agent.WrittenAsync() > 0;
    }
    catch (HttpRequestException) when (!agent.Measured.HasExited)
    {
        return false;
    }
}

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

using System.Net;
using System.Text.Json;
using ForkGuard.Api;
using ForkGuard.Controller.Restarts.Tests.Scenes;
using ForkGuard.Controller.Status;
using ForkGuard.Controller.Tests.Scenes;
using ForkGuard.Controller.Watches;
using ForkGuard.ControllerRuntime;
using k8s;

namespace ForkGuard.Controller.Restarts.Tests;

/// <summary>The rate of small changes in the status of a watch, before a scripted API server.</summary>
public sealed class WatchStatusWriterTests : IDisposable
{
    private static readonly ForkWatch Watch = new()
    {
        Metadata = new ObjectMeta
        {
            Namespace = "shop",
            Name = "redis",
            ResourceVersion = "1",
        },
        Spec = Workloads.Spec(),
        Status = new WatchStatus { WorstPercent = 70 },
    };

    private readonly SettableTime _time = new();
    private readonly ScriptedApi _api;
    private readonly ApiClient _client;
    private readonly WatchStatusWriter _writer;

    public WatchStatusWriterTests()
    {
        _api = new ScriptedApi(_time)
        {
            Intercept = (_, _) =>
                Task.FromResult<HttpResponseMessage?>(
                    ScriptedApi.Answer(HttpStatusCode.OK, JsonSerializer.Serialize(Watch, ApiJson.Default.ForkWatch))
                ),
        };
        _client = new ApiClient(new KubernetesClientConfiguration { Host = "http://server" }, _api.Handler());
        _writer = new WatchStatusWriter(_client, new ApiPipeline(_time), _time);
    }

    [Fact]
    public async Task A_small_change_is_written_once_a_minute()
    {
        Assert.Equal(1, await WritesAsync(71));
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(1, await WritesAsync(72));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, await WritesAsync(73));
    }

    [Fact]
    public async Task A_clock_set_back_delays_no_small_change()
    {
        Assert.Equal(1, await WritesAsync(71));
        _time.SetBack(TimeSpan.FromHours(1));
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(2, await WritesAsync(72));
    }

    public void Dispose() => _client.Dispose();

    /// <summary>The number of writes after another one at this percentage.</summary>
    private async Task<int> WritesAsync(int percent)
    {
        var status = new WatchStatus { WorstPercent = percent };
        Assert.True(await _writer.WriteAsync(WatchResource.Of(Watch), status, Stage.Cancelled));
        return _api.Requests.Count;
    }
}

using System.Globalization;
using System.Text.Json.Nodes;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Scanning;
using ForkGuard.Node.Readings;

namespace ForkGuard.Cli.Checking;

/// <summary>The result of explain as one JSON object: that of check, and the areas of the process.</summary>
internal static class ExplainJson
{
    /// <param name="check">The process.</param>
    /// <param name="state">The machine.</param>
    /// <param name="areas">All mappings; empty if they could not be read.</param>
    internal static JsonObject Of(ProcessCheck check, in KernelState state, IReadOnlyList<Area> areas)
    {
        var json = CheckJson.Of(check, state, probe: null);
        var charged = areas.Where(area => area.IsCharged).Aggregate(0UL, (sum, area) => sum + area.Range.Bytes);
        json["chargedBytes"] = KernelConversion.Signed(charged);
        json["areas"] = new JsonArray([.. areas.Select(ToJson)]);
        return json;
    }

    private static JsonObject ToJson(Area area)
    {
        var json = new JsonObject
        {
            ["start"] = area.Range.Start.ToString("x", CultureInfo.InvariantCulture),
            ["end"] = area.Range.End.ToString("x", CultureInfo.InvariantCulture),
            ["permissions"] = area.Permissions,
            ["bytes"] = KernelConversion.Signed(area.Range.Bytes),
            ["charged"] = area.IsCharged,
        };
        if (area.Range.Name.Length > 0)
        {
            json["name"] = area.Range.Name;
        }

        return json;
    }
}

using ForkGuard.Api;

namespace ForkGuard.Controller.Evaluation;

/// <summary>Demand of all valid watches on the reports.</summary>
/// <param name="LowestWarning">The lowest warning level; null without a watch.</param>
/// <param name="LowestClear">The lowest level below which a watch takes a process for recovered; null without a watch.</param>
/// <param name="MaxForecastSeconds">The longest forecast; null without one.</param>
/// <param name="WhatIf">The what-ifs among them.</param>
/// <param name="SnapshotsOfAll">A watch names CopyOnWrite: it counts for processes that were not seen to save, too.</param>
internal readonly record struct ReportDemand(
    int? LowestWarning,
    int? LowestClear,
    int? MaxForecastSeconds,
    WhatIfRules WhatIf,
    bool SnapshotsOfAll
);

using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace MlTr.Grains.Scheduling;

public sealed class SchedulerOptions
{
    /// <summary>A worker silent for longer than this loses its trial to another worker.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:10:00")]
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a worker's question stays open while there is nothing to do.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:20")]
    public TimeSpan AskDuration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>A trial whose worker dies this often in a row at the same step has failed.</summary>
    [Range(1, 100)]
    public int MaxLostAttempts { get; set; } = 5;

    /// <summary>How long a trial that failed waits before it is tried again; three times as long each further time.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(10);
}

[OptionsValidator]
internal sealed partial class SchedulerOptionsValidator : IValidateOptions<SchedulerOptions>;

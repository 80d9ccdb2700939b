using System.ComponentModel.DataAnnotations;

namespace MlTr.Grains.Workers;

/// <summary>The one worker of a worker silo.</summary>
public sealed class WorkerOptions
{
    /// <summary>Its id, stable over restarts, such as <c>cpu-0</c>.</summary>
    [Required]
    public string Id { get; set; } = "";

    /// <summary><c>cpu</c> or <c>cuda:N</c>.</summary>
    [Required]
    public string Device { get; set; } = "cpu";

    /// <summary>The device in words.</summary>
    public string DeviceName { get; set; } = "CPU";

    /// <summary>Labels besides <c>device</c> and <c>machine</c>, such as <c>gpu=h100</c>; see <see cref="Abstractions.Workers.WorkerLabels"/>.</summary>
    public string Labels { get; set; } = "";

    /// <summary>Where it keeps decoded pictures, as <c>machine~folder</c>: workers of the same place share them. Holds no <c>|</c>.</summary>
    public string Place { get; set; } = Environment.MachineName;

    /// <summary>How long reports are gathered before they are sent.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:05")]
    public TimeSpan ReportInterval { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How often a running trial's lease is renewed.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan RenewInterval { get; set; } = TimeSpan.FromSeconds(2);
}

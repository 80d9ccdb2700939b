using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using MlTr.Abstractions.Sweeps;
using MlTr.Dashboard.Shared;

namespace MlTr.Dashboard.Features.Sweeps;

/// <summary>One hyper-parameter of the form.</summary>
public sealed partial class ParameterEditor
{
    [Parameter, EditorRequired] public ParameterForm Parameter { get; set; } = null!;

    /// <summary>True where a range needs grid points.</summary>
    [Parameter] public bool Grid { get; set; }

    [Parameter] public ImmutableArray<string> Errors { get; set; } = [];

    [Parameter] public EventCallback Changed { get; set; }

    [Parameter] public EventCallback Removed { get; set; }

    internal static string RangeOf(HyperParameter known) => known.Type switch
    {
        ParameterType.Float or ParameterType.Int =>
            $"{(known.Type == ParameterType.Int ? "whole number, " : "")}{Format.Number(known.Min)} to {Format.Number(known.Max)}, default {Format.Value(known.Default)}",
        ParameterType.Bool => $"on or off, default {Format.Value(known.Default)}",
        _ => $"default {known.Default}",
    };

    private bool _showWhen;

    private string Label(string option) => Parameter.Known.Type != ParameterType.Bool ? option : option == "true" ? "on" : "off";

    private Task SwitchAsync(ParameterMode mode)
    {
        Parameter.SwitchTo(mode);
        return Changed.InvokeAsync();
    }

    private Task ChooseAsync(string option)
    {
        if (Parameter.Mode == ParameterMode.Fixed)
        {
            Parameter.Values = option;
        }
        else
        {
            Parameter.Toggle(option);
        }

        return Changed.InvokeAsync();
    }
}

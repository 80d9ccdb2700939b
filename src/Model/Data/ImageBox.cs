namespace MlTr.Model.Data;

/// <summary>Where one instance is seen, in pixels of the upright picture by its records.</summary>
/// <param name="Class">Index of its class.</param>
/// <param name="X">Left edge.</param>
/// <param name="Y">Upper edge.</param>
/// <param name="Width">Width.</param>
/// <param name="Height">Height.</param>
public readonly record struct ImageBox(int Class, double X, double Y, double Width, double Height);

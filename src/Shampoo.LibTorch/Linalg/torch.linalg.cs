using Shampoo.LibTorch.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Linear algebra, over stacks of matrices.</summary>
    public static partial class linalg
    {
        public static (Tensor, Tensor) eigh(Tensor input, char UPLO = 'L') => Aten.linalg_eigh.Call2(input, UPLO.ToString());
        public static Tensor eigvalsh(Tensor input, char UPLO = 'L') => Aten.linalg_eigvalsh.Call(input, UPLO.ToString());
        public static (Tensor, Tensor) eig(Tensor input) => Aten.linalg_eig.Call2(input);
        public static Tensor eigvals(Tensor input) => Aten.linalg_eigvals.Call(input);
        public static (Tensor, Tensor, Tensor) svd(Tensor input, bool fullMatrices = true) => Aten.linalg_svd.Call3(input, fullMatrices);
        public static Tensor svdvals(Tensor input) => Aten.linalg_svdvals.Call(input);
        public static (Tensor, Tensor) qr(Tensor input, QRMode mode = QRMode.Reduced) => Aten.linalg_qr.Call2(input, mode == QRMode.Complete ? "complete" : mode == QRMode.R ? "r" : "reduced");
        public static Tensor cholesky(Tensor input) => Aten.linalg_cholesky.Call(input);
        public static (Tensor, Tensor) cholesky_ex(Tensor input, bool check_errors = false) => Aten.linalg_cholesky_ex.Call2(input, false, check_errors);
        public static (Tensor, Tensor, Tensor) lu(Tensor input, bool pivot = true) => Aten.linalg_lu.Call3(input, pivot);
        public static (Tensor, Tensor) lu_factor(Tensor input, bool pivot = true) => Aten.linalg_lu_factor.Call2(input, pivot);
        public static (Tensor, Tensor) ldl_factor(Tensor input, bool hermitian = true) => Aten.linalg_ldl_factor.Call2(input, hermitian);
        public static Tensor ldl_solve(Tensor LD, Tensor pivots, Tensor B, bool hermitian = false) => Aten.linalg_ldl_solve.Call(LD, pivots, B, hermitian);
        public static Tensor householder_product(Tensor A, Tensor tau) => Aten.linalg_householder_product.Call(A, tau);
        public static Tensor inv(Tensor input) => Aten.linalg_inv.Call(input);
        public static (Tensor, Tensor) inv_ex(Tensor input, bool check_errors = false) => Aten.linalg_inv_ex.Call2(input, check_errors);
        public static Tensor pinv(Tensor input, double? atol = null, double? rtol = null, bool hermitian = false) => Aten.linalg_pinv_atol_rtol_float.Call(input, atol, rtol, hermitian);
        public static Tensor pinv(Tensor input, Tensor atol, Tensor? rtol = null, bool hermitian = false) => Aten.linalg_pinv_atol_rtol_tensor.Call(input, atol, rtol, hermitian);
        public static Tensor solve(Tensor A, Tensor B, bool left = true) => Aten.linalg_solve.Call(A, B, left);
        public static (Tensor, Tensor) solve_ex(Tensor A, Tensor B, bool left = true, bool check_errors = false) => Aten.linalg_solve_ex.Call2(A, B, left, check_errors);
        public static Tensor solve_triangular(Tensor A, Tensor B, bool upper, bool left = true, bool unitriangular = false, Tensor? @out = null) => @out is null ? Aten.linalg_solve_triangular.Call(A, B, upper, left, unitriangular) : Into(@out, Aten.linalg_solve_triangular_out, A, B, upper, left, unitriangular);
        public static (Tensor, Tensor, Tensor, Tensor) lstsq(Tensor input, Tensor other) => Aten.linalg_lstsq.Call4(input, other);
        public static (Tensor, Tensor, Tensor, Tensor) lstsq(Tensor input, Tensor other, double rcond) => Aten.linalg_lstsq.Call4(input, other, rcond);
        public static Tensor det(Tensor input) => Aten.linalg_det.Call(input);
        public static (Tensor, Tensor) slogdet(Tensor input) => Aten.linalg_slogdet.Call2(input);
        public static Tensor matrix_rank(Tensor input, double? atol = null, double? rtol = null, bool hermitian = false) => Aten.linalg_matrix_rank_atol_rtol_float.Call(input, atol, rtol, hermitian);
        public static Tensor matrix_exp(Tensor input) => Aten.linalg_matrix_exp.Call(input);
        public static Tensor multi_dot(IList<Tensor> tensors) => Aten.linalg_multi_dot.Call(tensors.ToArray());
        public static Tensor vecdot(Tensor x, Tensor y, long dim = -1, Tensor? @out = null) => @out is null ? Aten.linalg_vecdot.Call(x, y, dim) : Into(@out, Aten.linalg_vecdot_out, x, y, dim);
        public static Tensor cross(Tensor input, Tensor other, long dim = -1) => Aten.linalg_cross.Call(input, other, dim);
        public static Tensor diagonal(Tensor input, int offset = 0, int dim1 = -2, int dim2 = -1) => Aten.linalg_diagonal.Call(input, (long)offset, (long)dim1, (long)dim2);
        public static Tensor vander(Tensor input, long? N = null) => Aten.linalg_vander.Call(input, N);
        public static Tensor tensorinv(Tensor input, long ind) => Aten.linalg_tensorinv.Call(input, ind);
        public static Tensor tensorsolve(Tensor A, Tensor B, long[] dims) => Aten.linalg_tensorsolve.Call(A, B, dims);
        public static Tensor cond(Tensor input) => Aten.linalg_cond.Call(input);
        public static Tensor cond(Tensor input, double p) => Aten.linalg_cond.Call(input, p);
        public static Tensor cond(Tensor input, int p) => Aten.linalg_cond.Call(input, (long)p);
        public static Tensor cond(Tensor input, string p) => Aten.linalg_cond_p_str.Call(input, p);
        public static Tensor vector_norm(Tensor input, double ord = 2, long[]? dims = null, bool keepdim = false) => Aten.linalg_vector_norm.Call(input, ord, dims, keepdim);
        public static Tensor matrix_norm(Tensor input, string ord = "fro", long[]? dims = null, bool keepdim = false) => Aten.linalg_matrix_norm_str_ord.Call(input, ord, dims ?? Arg.Default, keepdim);
        public static Tensor matrix_norm(Tensor input, double ord, long[]? dims = null, bool keepdim = false) => Aten.linalg_matrix_norm.Call(input, ord, dims ?? Arg.Default, keepdim);
        public static Tensor norm(Tensor input, long[]? dims = null, bool keepdim = false) => Aten.linalg_norm.Call(input, Arg.None, dims, keepdim);
        public static Tensor norm(Tensor input, string ord, long[]? dims = null, bool keepdim = false) => Aten.linalg_norm_ord_str.Call(input, ord, dims, keepdim);
        public static Tensor norm(Tensor input, double ord, long[]? dims = null, bool keepdim = false) => Aten.linalg_norm.Call(input, ord, dims, keepdim);
        public static Tensor norm(Tensor input, int ord, long[]? dims = null, bool keepdim = false) => Aten.linalg_norm.Call(input, (double)ord, dims, keepdim);

        /// <summary>What a QR factorisation returns.</summary>
        public enum QRMode
        {
            Reduced = 0,
            Complete = 1,
            R = 2,
        }

        private static Tensor Into(Tensor result, Operator op, params ReadOnlySpan<Arg> arguments)
        {
            op.Run([.. arguments, result]);
            return result;
        }
    }
}

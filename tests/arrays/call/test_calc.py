"""calc_app against NumPy: the same lines in both, printed texts equal to the letter.

What NumPy refuses calc_app has to refuse as well, with the number of the line.
"""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["TEGULA_SOURCE"], "tests", "support"))

from calc_lines import CalcLines, np

PYTHON = """
    2**10; 1/3; 7//2; -7//2; 7%-3; -7%3; 7.5//2; -7.5%2; 2**-1; 2**0.5; 10**18; 1+2*3-4/5; (1+2)*3
    -2**2; 2**3**2; 2**-2; not 1; not 0; 1 and 2; 0 and 2; 0 or 3; 1 or 3; 1<2<3; 1<3<2; 1==1.0
    1!=2; 3>=3; 'a'<'b'; 'a' in 'cat'; 2 in (1,2); 2 not in [1]; None is None; 5&3; 5|3; 5^3; ~5
    1<<10; -1>>1; True&False; True|False; True+True; -True; ~True; +True; 0x1F; 0o17; 0b101
    1_000_000; 1e3; 1.5e-7; .5; 5.; 1e16; 123456789012345678; 1e-5; 0.0001; 1j; 1+2j; (1+2j)*(3-1j)
    2j**2; 1j/2; abs(3+4j); (1+2j).real; (1+2j).imag; 5 .real; 1.5.imag; 'a' 'b'; "it's"
    ['x', "it's"]; 'a'+'b'; (1,); (); [1,2]+[3]; (1,2)*2; [0]*3; [1,[2,(3,)]]; (1,2,3)[1:]
    [1,2,3][::-1]; 'hello'[1:3]; (1,2,3)[-1]; [1,2,3,4,5][4:0:-2]; 'abc'[::-1]; 1 if 2>1 else 3
    (lambda a,b: a*b)(6,7); [i**2 for i in range(5) if i%2]; {'a':1, 2:(3,)}; {'a':5}['a']
    len((1,2)); len('abc'); max(1,5,3); min([4,2]); sum([1,2,3]); sum((1.5,2)); abs(-3); round(2.5)
    round(2.675,2); round(-1.5); int(3.9); int('12'); float('1e3'); float('inf'); bool([])
    divmod(-7,2); pow(2,5); list(range(2,10,3)); tuple([1,2]); all([1,0]); any([0,2]); int(True)
    list(zip((1,2),(3,4))); list(enumerate('ab')) if False else 1; range(3)[1]; slice(1,2); ...
    1e308*10; -1e308*10; float('nan'); 0.1+0.2; 1e22; 1e21+1; 5e-324; 2.0**-44; 9007199254740993.0
    100.0; 1e15; 123456.789; 1.7976931348623157e308; -0.0; 1/-3; 2.5e-5; 3.0e-4
"""
ERRORS = """
    1/0; 1//0; 1%0; 1.0/0; 0.0**-1; 'a'+1; 1+'a'; (1,2)[5]; [1][1.5]; {'a':1}['b']; 1<'a'; -'a'
    undefined; np.undefined; np.array([1,2]).undefined; 1(2); (1)[0]; len(5); int('x'); 1 << -1
    a, b = 1; a, b = (1,2,3); 1 = 2; f(1); 3 +; (1; 1); [1,2; {1:2; 'abc; 1 2; x y; 01; 1__0; 0x
    1e; lambda:; 1 if 2; for i in 3: 4; a b c; @; $; ?; !; np.; np..mean; .5.5; 1.e5.6; *1
    np.array([1,2]) and 1; not np.array([1,2]); 1 if np.array([1,2]) else 2
    [[1,2],[3]] @ np.ones(2); np.array([1,2])+np.array([1,2,3]); np.array([[1,2],[3]])
    np.array([1,2]).mean(axis=3); np.mean(); np.mean(1,2,3,4,5,6,7,8)
    np.mean(np.array([1]), bogus=1); np.array([1]).mean(0, axis=0); np.mean(axis=0, 1)
    np.concatenate([]); np.array([1,2]) < np.array([1,2]) < 3; f(x=1, x=2); np.array([1.5]) & 1
    ~np.array([1.5]); np.array([True]) - np.array([True]); -np.array([True])
    np.array([1,2]).astype('bogus'); np.array([1,2], dtype=5)
    np.array([300], dtype=np.uint8) + 300
"""
PRINTED = """
    np.array([1,2,3]); np.array([]); np.array([[]]); np.array([1.0]); np.array(5); np.array(2.5)
    np.array([True,False]); np.array([[True],[False]]); np.array([[1,-2],[300,4]])
    np.array([0.1,0.25]); np.array([1.,2.5,1e10]); np.array([1e-5,1.]); np.array([1e8])
    np.array([99999999.]); np.array([1e-4]); np.array([0.1,100.,99.999]); np.array([1.,1001.])
    np.array([0.001,1.1]); np.array([3.0,-4.0]); np.array([np.nan,1.])
    np.array([np.inf,-np.inf,1.]); np.array([np.nan]); np.array([np.inf, 1e10])
    np.array([-np.inf, 0.5]); np.array([np.nan, 1000000.5]); np.array([1e300, 1e-300])
    np.array([1e100, np.inf]); np.array([1/3, 2/3]); np.array([1/3, 200/3])
    np.array([0.1,0.2], dtype=np.float32); np.array([1/3,1e5], dtype=np.float32)
    np.array([16777216.0,0.1], dtype='f4'); np.array([1e-10], dtype='f4')
    np.array([1,2], dtype=np.int8); np.array([1,2], dtype='uint16'); np.array([2**62,-1])
    np.array([67108864.1, 0.5]); np.array([0.0, 0.0]); np.array([-0.0, 1.0])
    np.array([5e-324, 1.0]); np.array([[1.5,2.25],[3.125,4]])
    np.array([[[1,2],[3,4]],[[5,6],[7,8]]]); np.array([[[1.]]]); np.array(list(range(100)))
    np.array(list(range(1000))); np.array(list(range(40)))/7; np.array([1e10]*30)
    np.array([[1]*50]*3); np.array([[0.5]*30]*3); (np.array([1,2]), np.array([1.5]))
    [np.array([1,2])]; (np.array([1,2],dtype='i2'),); (np.array([]),)
    (np.array(list(range(60))), 1); (np.array(list(range(30)), dtype='i2'), 2)
    (np.array([[1,2],[3,4]]),); (np.array([[0.5]*20]*2), 'x')
    (np.array([], dtype='i4'), np.array([[]])); np.array([1,2]).dtype; (np.array([1,2]).dtype, 1)
    np.array([[1,2]]).shape; np.array([1]).ndim; np.float64(1.5); np.float32(0.1); np.int8(3)
    np.float64(1e16); np.float64(1e-5); np.bool_(True); np.float32(1e16); np.float32(16777216)
    np.float32(1/3); np.float64(1/3)*3; np.float32(3.4e38)
"""
ARRAYS = """
    x+1; x*2.5; x/y; x-y; -x; abs(y); x+x.T; x.T; x.T.shape; x.mean(); x.mean(axis=0); x.mean(-1)
    x.sum(); x.sum(axis=(0,1)); x.sum(0, keepdims=True); x.std(); x.std(ddof=1); x.var(axis=1)
    x.min(); x.max(axis=1); np.sum(x); np.mean(x, -1); np.std(x, axis=0, ddof=1); np.max(x)
    np.amin(x, axis=0); x<y; x<=2; x==x.T; x!=3; (x>2)*1; 2<x; x>y; x>=y; np.where(x>3, x, 0)
    np.where(x>3, 1.5, y); np.concatenate([x,x]); np.concatenate((x,y), axis=1); np.transpose(x)
    x.transpose(); x.transpose(1,0); x.transpose((1,0)); x.astype(float); x.astype('i2')
    x.astype(np.float32)/3; np.sqrt(x); np.sqrt(2); i8+1; i8+1.5; f4+1; f4*1.5; f4/3; i8/2; f4+i8
    f4.sum(); i8.sum(); (x, y.shape); x.sum()/x.size; x.shape[0]*x.ndim; float(x.sum())
    int(x.max()); x.item() if x.size==1 else 'many'; max(x.max(), 3.5); x.max() > 2
    bool(x.sum() > 3); 'big' if x.sum() > 3 else 'small'; x.size; (lambda a: a - a.mean())(x)
    sum([x, x, y]); [a.shape for a in (x, y)]; x.nbytes; x.itemsize; z = x + y; z += 1; z
    a, b = x.shape; a*b; (p, q), r = (1,2), 3; p+q+r; x.dtype == 'int64'
    np.concatenate([x*1.0, y]).mean(axis=0); 1/x.astype(float); x.T.mean(axis=0); np.add(x, y)
    np.multiply(x, 2); np.equal(x, y); np.negative(x); np.absolute(y); np.true_divide(x, 3)
    x+[1,2,3]; [1,2,3]*x; x*(1,2,3); np.array([x.shape, x.shape]); np.pi*x; -np.inf*x; np.nan+x
    np.e; np.pi; import numpy as np; from numpy import pi; pi*2; x is None; x is not None
    np.add(1,2); x.copy()
"""
PARTS = """
    x[0]; x[-1]; x[0,1]; x[0][1]; x[:]; x[1:]; x[::2]; x[::-1]; x[:, 1]; x[1:, :2]; x[..., 0]
    x[None]; x[:, None]; x[..., None, 0]; x[np.newaxis, ..., 1]; x[[0,2]]; x[[True,False,True]]
    x[:, [2,0]]; x[[0,1],[1,2]]; x[x>4]; x[x[:,0]>2]; x[[]]; x[5:]; x[3:1]; x[-2:, ::-2]; x[2:0:-1]
    x[np.array([0,2])]; x[np.array([True,False,True])]; x[x.max()-9]; x[()]; x[(0,1)]; x[..., :]
    y[1:3].mean(axis=1); (x+x.T)[::2, 1:].mean(axis=1); x[0]+x[:,0]; x.T[0]; x[0].sum(); (x*y)[1]
    x[slice(1,3)]; x[:, slice(None,None,2)]; x[0:10:3]; len(x[1:]); [r.sum() for r in x]
    list(x[0]); a, b, c = x; a+b+c; a = x.astype(float); a[0] = 5; a; a[a>5] = 0; a; a[:, 1] *= 2
    a; a[1:, 1:] = [[7,8],[9,10]]; a; a[..., 0] += 1; a; np.array([x[0], x[1]])
    np.array([x[0,0], 2.5]); np.array([x, y]); x + [[1],[2],[3]]
    np.array([[x[0,0], 1],[2, x[1,1]]]); 5 in x; 50 in x; np.array(list(range(1001)))
    np.array([list(range(40))]*40); np.array([list(range(40))]*40)/7; np.array([[[1.5,2]]*600])
    (np.array(list(range(2000))), 1); np.array([[1,2,3]]*2000); (np.array([[0.1]*30]*100),)
    np.array([list(range(100))]*20, dtype='i2'); np.array([[True]*200]*9)
"""
PART_ERRORS = """
    x[3]; x[0,3]; x[0,0,0]; x[1.5]; x['a']; x[[0,5]]; x[[True]]; x[..., ...]; x[::0]; x[None:1.5]
    x[x.T[0]>2, 0, 0]; x[y]; a = x; a[5] = 1; (1,2)[0] = 5; x[0,0](1); a, b = x
"""
CREATED = """
    np.zeros((2,3)); np.ones(3, dtype=int); np.full((2,2), 7); np.full(3, 2.5); np.arange(5)
    np.arange(2,10,3); np.arange(0,1,0.25); np.arange(5.0); np.arange(3, dtype=np.float32)
    np.linspace(0,1,5); np.eye(3); np.linspace(1,2,3,endpoint=False); np.tri(3)
    np.eye(2,3,k=1,dtype=int); np.indices((2,3)); np.diag([1,2]); tuple(np.meshgrid([1,2],[3,4,5]))
    tuple(np.meshgrid([1,2],[3,4],indexing='ij')); np.mgrid[0:2,0:3]; tuple(np.ogrid[0:2,0:3])
    np.r_[1:4,0,4]; np.s_[1:3]; np.mgrid[0:3]; np.mgrid[0:1:3j]; np.zeros_like(x); np.ones_like(y)
    np.full_like(x,3); np.arange(24).reshape(2,3,4); np.arange(24).reshape((4,-1)).T
    np.arange(6).reshape(2,3).ravel(); np.ones(()); np.zeros((0,3)); np.ones((3,0)).sum(axis=0)
    np.ones((2,2), chunks=(1,2)); np.arange(10, chunks=3)[::2]
    da.ones((4,4), chunks=(2,2)).sum(axis=0); da.zeros(5, chunks=2, dtype='i4'); np.identity(2)
    np.stack([x, x]); np.vstack([x, x]).shape; np.hstack([x, x]); np.dstack([x, x]).shape
    np.stack([x,y], axis=-1); np.flip(x); np.flip(x, 0); np.roll(x, 1); np.roll(x, 1, axis=0)
    np.tile(x, 2); np.repeat(x, 2, axis=0); x.repeat(2); np.squeeze(x[None])
    np.expand_dims(x, 0).shape; np.broadcast_to(x[0], (2,3)); np.moveaxis(x[None], 0, -1).shape
    np.swapaxes(x, 0, 1); np.rot90(x); np.pad(x, 1); np.pad(x, ((1,0),(0,2)), mode='edge')
    np.diff(x); np.gradient(y); np.atleast_2d(5); np.take(x, [0,2], axis=1)
    np.compress([True,False,True], x, axis=0); x.reshape(9)[::2]; np.tril(x); np.triu(x, 1)
    x.flatten(); x.ravel(); x.squeeze(); x.swapaxes(0, 1); np.block([[x, x],[y, y]])
"""
COMPLEX = """
    np.dtype("i2"); np.array([1], dtype=np.dtype("f4")); z; z*2; z+1j; z*z; z/2; z-z; abs(z)
    z == z; np.array([1j]); np.array([1+2j, 3]); np.array(1j); (z,); np.array([0.5j, 1e10])
    np.array([[1+1j, 2],[3, 4-1j]]); x*1j; x+1j; np.array([1,2], dtype=complex)
    np.array([1.5, 2.25j], dtype='c8'); z.astype('c8')
    np.array([complex('nan') if False else 1j*1e300]); np.complex128(1+2j); np.complex64(0.1+0.2j)
    z.dtype; 1j*np.pi; z.shape; z[0]; z[::-1]; np.float64(2)*1j; np.array([1e-10+1j])
    np.array([np.nan*1j, 1]); np.array([1+1e5j, 2]); np.zeros(2, dtype=complex)
"""
SETUP = """x = np.array([[1,2,3],[4,5,6],[7,8,9]])
y = np.array([[0.5,-1.25,3],[2,0,1],[1e3,2,-7.75]])
i8 = np.array([1,2,100], dtype=np.int8)
f4 = np.array([0.1,2,3e5], dtype=np.float32)
z = np.array([1+2j, -0.5j, 3.25])
"""


class Calc(CalcLines):
    def test_python_s_values_print_as_python_prints_them(self):
        self.compare(PYTHON)

    def test_what_python_and_numpy_refuse_is_refused(self):
        self.compare(ERRORS)

    def test_arrays_print_as_numpy_prints_them(self):
        self.compare(PRINTED)

    def test_random_arrays_print_as_numpy_prints_them(self):
        random = np.random.default_rng(5)
        lines, want = [], []
        for i in range(400):
            ndim = random.integers(5)
            shape = tuple(random.integers(0, [0, 40, 12, 8, 6][ndim], size=ndim))
            dtype = random.choice("f8 f8 f8 f4 f4 c16 c8 i8 i4 i2 i1 u8 u4 u1 ?".split())
            x = random.normal(size=shape) * 10.0**random.integers(-12, 13)
            if random.integers(2):
                x = x * 10.0**random.integers(-3, 4, size=shape)
            if random.integers(2):
                x = np.round(x, random.integers(0, 6))
            if x.size and random.integers(3) == 0:
                x = np.array(x)
                x.flat[random.integers(x.size)] = random.choice([np.nan, np.inf, -np.inf, 0, -0.0])
            if dtype[0] == "c":
                x = x + 1j * random.normal(size=shape) * 10.0**random.integers(-5, 6)
            x = x.astype(dtype)
            path = self.path(f"x{i}.npy")
            np.save(path, x)
            lines += [f"print(open('{path}'))", f"print((open('{path}'), 1))"]
            want += [str(x) + "\n", str((x if x.ndim else x[()], 1)) + "\n"]
        for line, ours, numpys in zip(lines, self.calc(lines), want):
            self.assertEqual(ours, numpys, line)

    def test_operators_methods_and_functions_give_numpy_s_values(self):
        self.compare(ARRAYS, SETUP)

    def test_chunks_are_what_dask_s_words_say(self):
        x = "np.array([[1, 2, 3, 4, 5]] * 4)"
        for chunks, want in (("2", "((2, 2), (2, 2, 1))"),
                             ("(2, 5)", "((2, 2), (5,))"),
                             ("(-1, 3)", "((4,), (3, 2))"),
                             ("((1, 3), (2, 2, 1))", "((1, 3), (2, 2, 1))"),
                             ("{0: 3}", "((3, 1), (5,))"),
                             ("{-1: (4, 1)}", "((4,), (4, 1))"),
                             ("'auto'", "((4,), (5,))"),
                             ("('auto', 1)", "((4,), (1, 1, 1, 1, 1))"),
                             ("(None, 4)", "((4,), (4, 1))")):
            self.assertEqual(self.calc([f"{x}.rechunk({chunks}).chunks",
                                        f"{x}.rechunk(((1, 3), (4, 1))).rechunk({chunks}).sum()",
                                        f"{x}.rechunk(((1, 3), (4, 1))).rechunk({{1: 2}}).chunks"]),
                             [want + "\n", "60\n", "((1, 3), (2, 2, 1))\n"], chunks)
        said = self.calc([f"{x}.rechunk({bad})" for bad in ("((1, 2), 5)", "(1, 2, 3)", "0",
                                                            "'some'", "((1, 4), 5)",
                                                            "((0, 4), 5)")])
        for message in said:
            self.assertIsInstance(message, Exception)
        self.assertIn("add up to 3, the axis has 4", str(said[0]))

    def test_arrays_are_made_as_numpy_makes_them(self):
        self.compare(CREATED, SETUP)

    def test_complex_numbers_are_numpy_s(self):
        self.compare(COMPLEX, SETUP)

    def test_parts_of_arrays_are_numpy_s(self):
        self.compare(PARTS, SETUP)

    def test_parts_that_cannot_be_are_refused(self):
        self.compare(PART_ERRORS, SETUP)

    def test_ranks_make_no_difference(self):
        self.compare(ARRAYS, SETUP, n=3)


if __name__ == "__main__":
    unittest.main()

#TEST timeout=300
